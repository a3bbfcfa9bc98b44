/* JPEG through libjpeg, whose errors come as a jump and whose warnings are
 * silent: it fills what is missing with grey. Grey that was not in the picture
 * would be learned, so a damaged file is an error here. */
#include "datasets/media/picture_rows.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <jerror.h>

/* A progressive picture comes in some 10 scans; thousands of them, each over
 * all coefficients, are a way to keep a reader busy for hours. */
#define MAX_SCANS 100

/* libjpeg hands its own structs to the callbacks: ours begin with them. */
struct jpeg_job {
	struct jpeg_error_mgr errors;
	struct jpeg_decompress_struct c;
	struct jpeg_progress_mgr progress;
	jmp_buf out;
	const char *name;
	struct picture_info *info;
	struct picture_rows *rows; /* NULL: only look */
	JSAMPROW row;		   /* (width, 3) */
	char message[JMSG_LENGTH_MAX];
};

/* libjpeg must not return from here (libjpeg.txt, "Error handling"). The text
 * is made before the jump, as it is built from the decoder's state. */
static void fail(j_common_ptr c)
{
	struct jpeg_job *j = (struct jpeg_job *)c->err;

	c->err->format_message(c, j->message);
	longjmp(j->out, 1);
}

/* Level -1 is a warning. Bytes between segments and odd version numbers are
 * what cameras write and harm nothing. */
static void judge(j_common_ptr c, int level)
{
	int code = c->err->msg_code;

	if (level < 0 && code != JWRN_EXTRANEOUS_DATA &&
	    code != JWRN_JFIF_MAJOR && code != JWRN_ADOBE_XFORM)
		fail(c);
}

/* The default prints on stderr; a library has nothing to say there. */
static void hush(j_common_ptr c)
{
	(void)c;
}

/* Called between rows and scans by libjpeg's progress monitor, the only place
 * from where a loop over scans can be left. */
static void count_scans(j_common_ptr c)
{
	if (c->is_decompressor &&
	    ((j_decompress_ptr)c)->input_scan_number > MAX_SCANS)
		ERREXIT1(c, JERR_NOTIMPL, 0);
}

/* The row lies in the job, not in a local: it must be freed after a jump. */
static void read_rows(struct jpeg_job *j)
{
	struct jpeg_decompress_struct *c = &j->c;

	c->out_color_space = JCS_RGB;
	c->dct_method = JDCT_ISLOW; /* the one that is exact on every machine */
	jpeg_start_decompress(c);
	j->row = malloc((size_t)c->output_width * 3);
	if (!j->row)
		ERREXIT1(c, JERR_OUT_OF_MEMORY, 0);
	while (c->output_scanline < c->output_height) {
		jpeg_read_scanlines(c, &j->row, 1);
		picture_rows_add(j->rows, j->row, 3);
	}
	jpeg_finish_decompress(c);
}

/* Four colours have no RGB without a profile of the ink. */
static int check(struct jpeg_job *j, struct error *err)
{
	j->info->height = j->c.image_height;
	j->info->width = j->c.image_width;
	if (j->c.num_components != 1 && j->c.num_components != 3)
		return error_set(err, ERR_DATA, "'%s': JPEG of %d colours (CMYK?); "
				 "convert it to RGB", j->name, j->c.num_components);
	return picture_check(j->name, j->info, err);
}

/* Between setjmp and its jump only *j changes. */
static int run(struct jpeg_job *j, const unsigned char *data, size_t size,
	       struct error *err)
{
	if (setjmp(j->out))
		return error_set(err, ERR_DATA, "'%s': damaged JPEG: %s", j->name,
				 j->message);
	jpeg_create_decompress(&j->c);
	j->c.mem->max_memory_to_use = (long)picture_budget(size);
	j->c.progress = &j->progress;
	jpeg_mem_src(&j->c, data, size);
	jpeg_read_header(&j->c, TRUE);
	if (check(j, err))
		return (int)err->code;
	if (!j->rows)
		return 0;
	picture_rows_start(j->rows, j->info);
	read_rows(j);
	return 0;
}

/* setjmp lives in a function of its own: what is released here is then never
 * in a register that the jump would undo. */
int picture_jpeg(const char *name, const unsigned char *data, size_t size,
		 struct picture_info *info, struct picture_rows *r,
		 struct error *err)
{
	struct jpeg_job j = { .name = name, .info = info, .rows = r };
	int rc;

	j.c.err = jpeg_std_error(&j.errors);
	j.errors.error_exit = fail;
	j.errors.emit_message = judge;
	j.errors.output_message = hush;
	j.progress.progress_monitor = count_scans;
	rc = run(&j, data, size, err);
	jpeg_destroy_decompress(&j.c);
	free(j.row);
	return rc;
}
