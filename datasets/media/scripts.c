/* From Blocks.txt of Unicode 15, of the scripts for which free fonts exist.
 * Blocks, not the property "script": a block says where to look, the font which
 * letters there are, and utf8proc which of them are letters. Ideographs are
 * left out, for they would be one class with more letters than all others. */
#include "datasets/media/scripts.h"

static const struct script_block blocks[] = {
	{ "Latin", 0x0041, 0x024f },	  { "Latin", 0x1e00, 0x1eff },
	{ "Greek", 0x0370, 0x03ff },	  { "Greek", 0x1f00, 0x1fff },
	{ "Cyrillic", 0x0400, 0x052f },	  { "Armenian", 0x0530, 0x058f },
	{ "Hebrew", 0x0590, 0x05ff },	  { "Arabic", 0x0600, 0x06ff },
	{ "Arabic", 0x0750, 0x077f },	  { "Syriac", 0x0700, 0x074f },
	{ "Thaana", 0x0780, 0x07bf },	  { "NKo", 0x07c0, 0x07ff },
	{ "Samaritan", 0x0800, 0x083f },  { "Mandaic", 0x0840, 0x085f },
	{ "Devanagari", 0x0900, 0x097f }, { "Bengali", 0x0980, 0x09ff },
	{ "Gurmukhi", 0x0a00, 0x0a7f },	  { "Gujarati", 0x0a80, 0x0aff },
	{ "Oriya", 0x0b00, 0x0b7f },	  { "Tamil", 0x0b80, 0x0bff },
	{ "Telugu", 0x0c00, 0x0c7f },	  { "Kannada", 0x0c80, 0x0cff },
	{ "Malayalam", 0x0d00, 0x0d7f },  { "Sinhala", 0x0d80, 0x0dff },
	{ "Thai", 0x0e00, 0x0e7f },	  { "Lao", 0x0e80, 0x0eff },
	{ "Tibetan", 0x0f00, 0x0fff },	  { "Myanmar", 0x1000, 0x109f },
	{ "Georgian", 0x10a0, 0x10ff },	  { "Georgian", 0x1c90, 0x1cbf },
	{ "Georgian", 0x2d00, 0x2d2f },	  { "Ethiopic", 0x1200, 0x139f },
	{ "Ethiopic", 0x2d80, 0x2ddf },	  { "Cherokee", 0x13a0, 0x13ff },
	{ "Cherokee", 0xab70, 0xabbf },	  { "Canadian", 0x1400, 0x167f },
	{ "Ogham", 0x1680, 0x169f },	  { "Runic", 0x16a0, 0x16ff },
	{ "Khmer", 0x1780, 0x17ff },	  { "Mongolian", 0x1800, 0x18af },
	{ "Limbu", 0x1900, 0x194f },	  { "Balinese", 0x1b00, 0x1b7f },
	{ "Sundanese", 0x1b80, 0x1bbf },  { "Lepcha", 0x1c00, 0x1c4f },
	{ "Ol Chiki", 0x1c50, 0x1c7f },	  { "Glagolitic", 0x2c00, 0x2c5f },
	{ "Coptic", 0x2c80, 0x2cff },	  { "Tifinagh", 0x2d30, 0x2d7f },
	{ "Yi", 0xa000, 0xa48f },	  { "Lisu", 0xa4d0, 0xa4ff },
	{ "Vai", 0xa500, 0xa63f },	  { "Bamum", 0xa6a0, 0xa6ff },
	{ "Javanese", 0xa980, 0xa9df },	  { "Cham", 0xaa00, 0xaa5f },
	{ "Meetei Mayek", 0xabc0, 0xabff }, { "Linear B", 0x10000, 0x100ff },
	{ "Gothic", 0x10330, 0x1034f },	  { "Deseret", 0x10400, 0x1044f },
	{ "Linear A", 0x10600, 0x1077f }, { "Cuneiform", 0x12000, 0x1254f },
	{ "Hieroglyphs", 0x13000, 0x1342f },
};

/* Blocks of one script stand together: read_glyphs.c takes each name where it
 * first differs from the one before. */
const struct script_block *script_blocks(size_t *n)
{
	*n = sizeof(blocks) / sizeof(blocks[0]);
	return blocks;
}
