#include "harness/base/suggest.h"

#include "tests/tap.h"

static const char *const names[] = { "gbdt", "krr", "mlp", "embedding_bag" };

int main(void)
{
	char text[64], longest[200];

	ok_str(suggest_nearest("gbtd", names, 4), "gbdt",
	       "suggest: swapped letters");
	ok_str(suggest_nearest("embeding_bag", names, 4), "embedding_bag",
	       "suggest: a missing letter");
	ok(!suggest_nearest("transformer", names, 4),
	   "suggest: nothing when nothing is near");
	ok_str(suggest_text("kr", names, 4, text, sizeof(text)),
	       " (did you mean 'krr'?)", "suggest: as a text");
	ok_str(suggest_text("zzzzzz", names, 4, text, sizeof(text)), "",
	       "suggest: an empty text");
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ok(!suggest_nearest(longest, names, 4), "suggest: long words are safe");
	ok(!suggest_nearest("x", names, 0), "suggest: no names, no suggestion");
	return tap_done();
}
