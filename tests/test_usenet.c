/* Promises of datasets/text/usenet.h. */
#include "datasets/text/usenet.h"

#include "harness/base/rng.h"
#include "tests/tap.h"

static void strips(const char *post, unsigned parts, const char *want,
		   const char *promise)
{
	char text[1024];
	size_t size = strlen(post);

	memcpy(text, post, size + 1);
	size = usenet_strip(text, size, parts);
	ok(size == strlen(text), "%s: says its size", promise);
	ok_str(text, want, "%s", promise);
}

static void headers(void)
{
	strips("From: me\nSubject: cars\n\nHello\n\nBye\n", USENET_HEADERS,
	       "Hello\n\nBye\n", "headers end at the first empty line");
	strips("From: me\r\n\r\nHello\r\n", USENET_HEADERS, "Hello\r\n",
	       "also with the line ends of DOS");
	strips("Hello\nyou\n", USENET_HEADERS, "Hello\nyou\n",
	       "a post without an empty line keeps its text");
	strips("", USENET_HEADERS, "", "an empty post has none");
	strips("From: me\n\n", USENET_HEADERS, "", "headers alone leave nothing");
}

static void quotes(void)
{
	strips("In article <1@x> a@b writes:\n> old\n>> older\n| bar\nNew > x\n",
	       USENET_QUOTES, "New > x\n", "quoted lines and who wrote them");
	strips("Joe wrote:\nYes\nSays Joe\nhe says: no\nQuoted from x\n",
	       USENET_QUOTES, "Yes\nSays Joe\n", "lines that introduce quotes");
	strips("a\nb", USENET_QUOTES, "a\nb", "no end of the last line is needed");
}

static void footers(void)
{
	strips("One\n\nTwo\n\nJoe Smith\nAcme Inc.\n", USENET_FOOTERS,
	       "One\n\nTwo\n", "the block behind the last empty line");
	strips("One\n--\nJoe\n\n\n", USENET_FOOTERS, "One\n",
	       "the block behind a line of dashes");
	strips("One\nTwo\n", USENET_FOOTERS, "One\nTwo",
	       "a single block stays");
	strips("\n\nOne\n", USENET_FOOTERS, "\n\nOne",
	       "so does one below empty lines");
}

static void all_parts(void)
{
	strips("Newsgroups: rec.autos\n\nA writes:\n> text\n\nMine\n\n-- \nJoe\n",
	       USENET_HEADERS | USENET_QUOTES | USENET_FOOTERS, "\nMine\n\n",
	       "all three, headers first");
	strips("a\n\nb\n", 0, "a\n\nb\n", "nothing when nothing is asked");
}

/* Any bytes but NUL, any parts: never longer, never outside. */
static void any_text(void)
{
	static const char letters[] = "a>|\n\n\r- :wrote";
	struct rng r = rng_make(5, "usenet");
	size_t good = 0;

	for (uint64_t t = 0; t < 4000; t++) {
		size_t size = rng_below(r, 100 * t, 40);
		char text[41];

		for (size_t k = 0; k < size; k++)
			text[k] = letters[rng_below(r, 100 * t + k + 1,
						    sizeof(letters) - 1)];
		text[size] = '\0';
		good += usenet_strip(text, size, (unsigned)t % 8) <= size;
	}
	ok(good == 4000, "4,000 random posts only get shorter");
}

int main(void)
{
	headers();
	quotes();
	footers();
	all_parts();
	any_text();
	return tap_done();
}
