/* One PNG or JPEG file -> a small picture of a given shape. */
#ifndef TRIARCH_PICTURE_H
#define TRIARCH_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"

#define PICTURE_MAX_PIXELS ((size_t)64 << 20)
#define PICTURE_MAX_SIDE 65535

/* What is made of every picture. */
struct picture_shape {
	size_t channels; /* 1: grey, 0.299 R + 0.587 G + 0.114 B; 3: R, G, B */
	size_t height, width;
};

/* A file as its header describes it. */
struct picture_info {
	size_t height, width;
};

/* Memory for making one picture at a time, one a worker. */
struct picture_desk {
	struct picture_shape shape;
	double *sum;	/* (height, width, 3) of the shape */
	double *across; /* (width, 3) */
};
int picture_desk_init(struct picture_desk *d, const struct picture_shape *shape,
		      struct arena *a, struct error *err);

/* Look at the header. `name` is for messages. ERR_DATA: neither PNG nor JPEG, a
 * damaged header, a side of 0 or beyond PICTURE_MAX_SIDE, more pixels than
 * PICTURE_MAX_PIXELS. */
int picture_look(const char *name, const unsigned char *data, size_t size,
		 struct picture_info *out, struct error *err);

/* Decode, cut to the shape's aspect from the centre (the largest rectangle that
 * fits), and average areas: a pixel of the result is the mean of what lies under
 * it, a pixel that is cut by its edge counting in part; a picture that is too
 * small is enlarged by the same rule. Transparent pixels lie on white; 16 bits
 * become 8. Rows are taken as they are decoded, so memory is that of a row, but
 * for interlaced PNG (all pixels, at most 64 MiB + twice the file) and
 * progressive JPEG (the same bound, kept by libjpeg). May run in par_for.
 * ERR_DATA when the file is damaged, cut short, CMYK or needs more memory. */
int picture_read(const char *name, const unsigned char *data, size_t size,
		 struct picture_desk *d,
		 uint8_t *out /* (channels, height, width) */,
		 struct error *err);

#endif
