#include "datasets/media/picture.h"

#include <math.h>
#include <string.h>

#include "datasets/media/picture_rows.h"

/* Sums are double whatever the channels: a picture of 2^26 pixels adds more
 * than a float can count. */
int picture_desk_init(struct picture_desk *d, const struct picture_shape *shape,
		      struct arena *a, struct error *err)
{
	*d = (struct picture_desk){
		.shape = *shape,
		.sum = ARENA_NEW(a, double, shape->height * shape->width * 3),
		.across = ARENA_NEW(a, double, shape->width * 3),
	};
	return d->sum && d->across ? 0 : arena_error(a, err);
}

/* Each side before the product, which then cannot overflow. */
int picture_check(const char *name, const struct picture_info *info,
		  struct error *err)
{
	if (!info->height || !info->width || info->height > PICTURE_MAX_SIDE ||
	    info->width > PICTURE_MAX_SIDE ||
	    info->height * info->width > PICTURE_MAX_PIXELS)
		return error_set(err, ERR_DATA, "'%s' has %zu x %zu pixels; sides "
				 "of 1 to %d and %zu pixels in all are read", name,
				 info->height, info->width, PICTURE_MAX_SIDE,
				 PICTURE_MAX_PIXELS);
	return 0;
}

/* The largest rectangle of the shape's aspect, in whole pixels, in the middle.
 * Cutting was preferred to padding: bars at the edges would tell classes apart
 * by the shape of their files. */
void picture_rows_start(struct picture_rows *r, const struct picture_info *info)
{
	const struct picture_shape *s = &r->desk->shape;
	size_t tall = info->width * s->height / s->width;
	size_t wide = info->height * s->width / s->height;

	r->height = info->height;
	r->width = info->width;
	if (tall < info->height)
		r->height = tall ? tall : 1;
	else if (wide < info->width)
		r->width = wide ? wide : 1;
	r->top = (info->height - r->height) / 2;
	r->left = (info->width - r->width) / 2;
	r->y = 0;
	memset(r->desk->sum, 0, s->height * s->width * 3 * sizeof(double));
}

/* Cells [first, last) of `cells` that the k-th of n equal pieces reaches. In
 * units of 1 / (n cells) the piece is [k cells, (k + 1) cells) and cell c is
 * [c n, (c + 1) n): whole numbers, so areas add up exactly. */
struct reach {
	size_t first, last;
};

/* Rounded outwards, so that a pixel on a border reaches both cells; overlap()
 * then says how much of it each gets. */
static struct reach reach_of(size_t k, size_t n, size_t cells)
{
	return (struct reach){ k * cells / n, ((k + 1) * cells + n - 1) / n };
}

/* How much of piece k lies in cell c, in the same units. */
static double overlap(size_t k, size_t n, size_t c, size_t cells)
{
	size_t from = k * cells > c * n ? k * cells : c * n;
	size_t to = (k + 1) * cells < (c + 1) * n ? (k + 1) * cells :
						    (c + 1) * n;

	return (double)(to - from);
}

/* A colour on white. */
static double on_white(uint8_t colour, uint8_t opacity)
{
	return (colour * opacity + 255.0 * (255 - opacity)) / 255;
}

/* Sum the row's pixels into the cells across. */
static void reduce_row(struct picture_rows *r, const uint8_t *row, size_t step)
{
	size_t cells = r->desk->shape.width;
	double *across = r->desk->across;

	memset(across, 0, cells * 3 * sizeof(*across));
	for (size_t x = 0; x < r->width; x++) {
		const uint8_t *p = row + (r->left + x) * step;
		struct reach to = reach_of(x, r->width, cells);
		uint8_t opacity = step == 4 ? p[3] : 255;

		for (size_t c = to.first; c < to.last; c++) {
			double w = overlap(x, r->width, c, cells);

			for (size_t k = 0; k < 3; k++)
				across[c * 3 + k] += w * on_white(p[k], opacity);
		}
	}
}

/* Rows come from the decoder one by one and are reduced at once: a picture of
 * 50 megapixels needs no more memory than its cells. */
void picture_rows_add(struct picture_rows *r, const uint8_t *row, size_t step)
{
	const struct picture_shape *s = &r->desk->shape;
	size_t y = r->y++ - r->top;
	struct reach to;

	if (y >= r->height) /* above the rectangle y has wrapped around */
		return;
	reduce_row(r, row, step);
	to = reach_of(y, r->height, s->height);
	for (size_t c = to.first; c < to.last; c++) {
		double w = overlap(y, r->height, c, s->height);
		double *sum = r->desk->sum + c * s->width * 3;

		for (size_t k = 0; k < s->width * 3; k++)
			sum[k] += w * r->desk->across[k];
	}
}

/* ITU-R BT.601: the weights of JPEG's own grey. */
static double grey(const double *rgb)
{
	return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
}

/* A cell's area is height x width of the rectangle, in the units of reach. */
static void write_out(const struct picture_rows *r, uint8_t *out)
{
	const struct picture_shape *s = &r->desk->shape;
	double area = (double)r->height * (double)r->width;
	size_t n = s->height * s->width;

	for (size_t i = 0; i < n; i++) {
		const double *rgb = r->desk->sum + i * 3;

		if (s->channels == 1)
			out[i] = (uint8_t)lround(fmin(255, grey(rgb) / area));
		for (size_t k = 0; s->channels == 3 && k < 3; k++)
			out[k * n + i] = (uint8_t)lround(fmin(255, rgb[k] / area));
	}
}

typedef int decoder(const char *name, const unsigned char *data, size_t size,
		    struct picture_info *info, struct picture_rows *r,
		    struct error *err);

/* By the first bytes: endings of names are often wrong. */
static decoder *decoder_of(const unsigned char *data, size_t size)
{
	if (size >= 8 && !memcmp(data, "\x89PNG\r\n\x1a\n", 8))
		return picture_png;
	if (size >= 3 && !memcmp(data, "\xff\xd8\xff", 3))
		return picture_jpeg;
	return NULL;
}

/* GIF, BMP and WebP come here too, mostly under a wrong ending. */
static int no_picture(const char *name, struct error *err)
{
	return error_set(err, ERR_DATA, "'%s' is neither PNG nor JPEG", name);
}

/* The same way as reading, which stops behind the header: what is accepted
 * here can only fail later by damage. */
int picture_look(const char *name, const unsigned char *data, size_t size,
		 struct picture_info *out, struct error *err)
{
	decoder *decode = decoder_of(data, size);

	return decode ? decode(name, data, size, out, NULL, err) :
			no_picture(name, err);
}

/* `out` is written only when all rows came: half a picture is none. */
int picture_read(const char *name, const unsigned char *data, size_t size,
		 struct picture_desk *d, uint8_t *out, struct error *err)
{
	struct picture_rows r = { .desk = d };
	decoder *decode = decoder_of(data, size);
	struct picture_info info;
	int rc = decode ? decode(name, data, size, &info, &r, err) :
			  no_picture(name, err);

	if (!rc)
		write_out(&r, out);
	return rc;
}
