/* Files that are wrong in a way that has broken readers before: cut short, the
 * wrong magic, sizes declared that nothing backs, bytes that are no text. */
#ifndef TRIARCH_BAD_FILES_H
#define TRIARCH_BAD_FILES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bad_file {
	const char *name;
	const char *head; /* (head_size) bytes, then `fill` up to `size` */
	size_t head_size, size;
	char fill;
};

#define HEAD(s) (s), sizeof(s) - 1
#define MIB ((size_t)1 << 20)

static const struct bad_file bad_files[] = {
	{ "empty", HEAD(""), 0, 0 },
	{ "one byte", HEAD("x"), 1, 0 },
	{ "a byte order mark alone", HEAD("\xef\xbb\xbf"), 3, 0 },
	{ "blank lines", HEAD("\n\n\n"), MIB, '\n' },
	{ "NUL bytes", HEAD("a,b\n1,\0\n"), MIB, '\0' },
	{ "bytes that are no UTF-8", HEAD("a,b\n\xff\xfe,\xc3\x28\n1,2\n"), 20, '\n' },
	{ "a quote that never ends", HEAD("a,b\n\"1,2\n"), MIB, 'x' },
	{ "a million columns", HEAD("a,b,"), 2 * MIB, ',' },
	{ "one endless word", HEAD("a"), 4 * MIB, 'a' },
	{ "rows of unequal length", HEAD("a,b\n1,2\n1\n1,2,3\n"), 17, 0 },
	{ "a header without rows", HEAD("a,b,target\n"), 11, 0 },
	{ "arff: no data", HEAD("@relation r\n@attribute a numeric\n"), 33, 0 },
	{ "arff: a nominal without end", HEAD("@relation r\n@attribute a {x,"), MIB, 'y' },
	{ "arff: sparse index out of range",
	  HEAD("@relation r\n@attribute a numeric\n@attribute t numeric\n@data\n"
	       "{4000000000 1}\n"), 75, '\n' },
	{ "libsvm: an index of four billion", HEAD("1 4000000000:1\n0 1:1\n"), 21, 0 },
	{ "libsvm: no value", HEAD("1 1:\n"), 5, 0 },
	{ "npy: a shape of 2^60", HEAD("\x93NUMPY\x01\x00v\x00{'descr': '<f8', "
	  "'fortran_order': False, 'shape': (1152921504606846976, 2), }"), 128, ' ' },
	{ "npy: a header beyond the file", HEAD("\x93NUMPY\x02\x00\xff\xff\xff\x7f{"), 64, ' ' },
	{ "idx: 2^31 images", HEAD("\x00\x00\x08\x03\x7f\xff\xff\xff\x00\x00\x00\x1c"
	  "\x00\x00\x00\x1c"), 4096, 0 },
	{ "idx: more dimensions than bytes", HEAD("\x00\x00\x08\xff"), 8, 0 },
	{ "cifar: a record cut short", HEAD("\x01"), 3000, 7 },
	{ "R: a file cut behind its magic", HEAD("RDX3\nX\n\x00\x00\x00\x03"), 11, 0 },
	{ "R: a vector of 2^31 numbers", HEAD("RDX2\nX\n\x00\x00\x00\x02\x00\x03\x06\x03"
	  "\x00\x02\x03\x00\x00\x00\x04\x02\x00\x00\x00\x01\x00\x04\x00\x09\x00\x00\x00"
	  "\x01x\x00\x00\x00\x0e\x7f\xff\xff\xff"), 64, 0 },
	{ "gzip cut short", HEAD("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b"), 11, 0 },
	{ "xz cut short", HEAD("\xfd" "7zXZ\x00\x00\x04\xe6\xd6\xb4\x46"), 14, 0 },
	{ "bzip2 cut short", HEAD("BZh91AY&SY"), 12, 0 },
	{ "png: 2^31 x 2^31 pixels", HEAD("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x7f\xff\xff\xff"
	  "\x7f\xff\xff\xff\x08\x02\x00\x00\x00"), 64, 0 },
	{ "jpeg cut short", HEAD("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"), 14, 0 },
	{ "wav: four gigabytes declared", HEAD("RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00"
	  "\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00" "data"
	  "\xff\xff\xff\xff"), 100, 0 },
	{ "ogg: a page and no stream", HEAD("OggS\x00\x02"), 64, 0 },
	{ "flac: magic alone", HEAD("fLaC\x00\x00\x00\x22"), 42, 0 },
	{ "zip: a directory that is not there", HEAD("PK\x05\x06\x00\x00\x00\x00\xff\xff\xff\xff"
	  "\xff\xff\xff\x7f\xff\xff\xff\x7f"), 30, 0 },
	{ "zip: an entry of four gigabytes", HEAD("PK\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x00"
	  "\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00\x00\x00" "a"), 64, 0 },
	{ "tar: a size in octal of 8 GiB",
	  HEAD("c/a.wav\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
	       "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
	       "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
	       "0000644\0" "0000000\0" "0000000\0" "77777777777\0"), 1024, 0 },
	{ "a font's magic and no tables", HEAD("\x00\x01\x00\x00\xff\xff"), 64, 0 },
};
#define BAD_FILES (sizeof(bad_files) / sizeof(bad_files[0]))

/* Write one; false when it cannot be. */
static inline int bad_file_write(const struct bad_file *b, const char *path)
{
	FILE *f = fopen(path, "wb");
	size_t k;

	if (!f)
		return 0;
	fwrite(b->head, 1, b->head_size < b->size ? b->head_size : b->size, f);
	for (k = b->head_size; k < b->size; k++)
		fputc(b->fill, f);
	return !fclose(f);
}

#endif
