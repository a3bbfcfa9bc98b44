#include "datasets/csv/amounts.h"

#include "tests/tap.h"

static float value;
static unsigned marks;

static bool is(const char *text, char decimal, double want, unsigned with)
{
	bool good = amount_parse(text, strlen(text), decimal, &value, &marks) &&
		    fabs((double)value - want) < 1e-4 * (1 + fabs(want)) && marks == with;

	if (!good)
		printf("# '%s' gave %g, marks %u\n", text, (double)value, marks);
	return good;
}

static bool none(const char *text, char decimal)
{
	return !amount_parse(text, strlen(text), decimal, &value, &marks);
}

static void test_parse(void)
{
	ok(is("12", '.', 12, 0) && is("-1.5e3", '.', -1500, 0), "a number is one");
	ok(is("$3.50", '.', 3.5, AMOUNT_CURRENCY), "dollars in front");
	ok(is("3,50 \xe2\x82\xac", ',', 3.5, AMOUNT_CURRENCY), "euros behind");
	ok(is("-$3.50", '.', -3.5, AMOUNT_CURRENCY) && is("$-3.50", '.', -3.5, AMOUNT_CURRENCY),
	   "a sign on either side of the currency's");
	ok(is("EUR 12", '.', 12, AMOUNT_CURRENCY) && is("12 USD", '.', 12, AMOUNT_CURRENCY),
	   "codes of currencies");
	ok(is("12%", '.', 12, AMOUNT_PERCENT) && is("12,5 %", ',', 12.5, AMOUNT_PERCENT),
	   "percent stay percent");
	ok(is("1,234,567.5", '.', 1234567.5, AMOUNT_THOUSANDS), "thousands by commas");
	ok(is("1.234.567,5", ',', 1234567.5, AMOUNT_THOUSANDS), "thousands by points");
	ok(is("$1,234", '.', 1234, AMOUNT_CURRENCY | AMOUNT_THOUSANDS), "both at once");
	ok(none("1,23", '.') && none("1,2345", '.') && none(",123", '.') && none("12,34,567", '.'),
	   "groups that are not of three are no thousands");
	ok(none("", '.') && none("$", '.') && none("%", '.') && none("abc", '.') &&
	   none("12%%", '.') && none("$ $ 1", '.') && none("inf", '.') && none("- ", '.'),
	   "what is no number");
	ok(none("11111111111111111111111111111111111111111111111111111111111111111111111", '.'),
	   "nor is a line of digits");
}

static void test_convert(void)
{
	static const char *const levels[] = { "$1,000", "$2" }, *const bad[] = { "$1", "two" };
	static const char *const price[] = { "price" }, *const slip[] = { "prise" };
	struct column columns[] = { { .name = "price", .is_cat = true, .levels = 2,
				      .level_names = levels }, { .name = "x" } };
	float p[] = { 1, NAN, 0 }, x[] = { 1, 2, 3 }, *cells[] = { p, x };
	struct table t = { .rows = 3, .cols = 2, .columns = columns, .cell = cells };
	struct arena a;
	struct error err;

	arena_init(&a, 0);
	ok(amounts_convert(&t, slip, 1, '.', &a, &err) == ERR_CONFIG, "a slip in a name");
	ok(!amounts_convert(&t, price, 1, '.', &a, &err) && !t.columns[0].is_cat,
	   "texts become a column of numbers");
	ok(t.cell[0][0] > 1.5f && t.cell[0][0] < 2.5f && t.cell[0][2] > 999 &&
	   isnan(t.cell[0][1]), "each row its own, holes stay");
	ok(!amounts_convert(&t, price, 1, '.', &a, &err), "numbers stay as they are");
	columns[0] = (struct column){ .name = "price", .is_cat = true, .levels = 2,
				      .level_names = bad };
	ok(amounts_convert(&t, price, 1, '.', &a, &err) == ERR_DATA && strstr(err.text, "two"),
	   "a text that is none is named");
	a.fail_at = a.calls + 1;
	ok(amounts_convert(&t, price, 1, '.', &a, &err) == ERR_MEMORY, "out of memory is told");
	arena_clear(&a);
}

static void test_marks(void)
{
	ok(is("\xc2\xa3" "5", '.', 5, AMOUNT_CURRENCY) &&
	   is("5\xc2\xa5", '.', 5, AMOUNT_CURRENCY) && is("CHF 5", '.', 5, AMOUNT_CURRENCY),
	   "pounds, yen and francs");
	ok(is("  7  ", '.', 7, 0) && is("$  7", '.', 7, AMOUNT_CURRENCY), "blanks around");
	ok(none("7\t", '.') && none("7\n", '.'), "no other white space");
	ok(is("- 7", '.', -7, 0) && is("- $7", '.', -7, AMOUNT_CURRENCY) && none("--7", '.') &&
	   none("-$-7", '.') && none("-$+7", '.'),
	   "one minus, with or without a blank");
	ok(is("-12%", '.', -12, AMOUNT_PERCENT) && is("0%", '.', 0, AMOUNT_PERCENT) &&
	   none("%12", '.'), "percent signs stand behind");
	ok(is("$5%", '.', 5, AMOUNT_CURRENCY | AMOUNT_PERCENT), "two marks are two bits");
	ok(none("$5 USD", '.') && none("5 XYZ", '.') && none("usd 5", '.'),
	   "one currency, of those that are known, as it is written");
	ok(none("5 - 7", '.') && none("$5 each", '.') && none("1e999", '.'),
	   "ranges, words and numbers beyond all floats are none");
}

static void test_thousands(void)
{
	ok(is("1,000", '.', 1000, AMOUNT_THOUSANDS) && is("12,000", '.', 12000, AMOUNT_THOUSANDS) &&
	   is("123,000", '.', 123000, AMOUNT_THOUSANDS) && none("1234,000", '.'),
	   "one to three digits stand in front of the first group");
	ok(is("-1,000", '.', -1000, AMOUNT_THOUSANDS), "a sign is no digit of it");
	ok(is("1,000.125", '.', 1000.125, AMOUNT_THOUSANDS) && none("1,000.1,2", '.') &&
	   none("1.000,5", '.'), "groups end at the decimal point");
	ok(none("1,,000", '.') && none("1,000,", '.') && none("1,00a", '.'),
	   "no empty groups, and digits in all of them");
	ok(is("1,5", ',', 1.5, 0) && is("1.000", ',', 1000, AMOUNT_THOUSANDS) &&
	   is("1.000", '.', 1, 0), "what a point is depends on the file");
	ok(none("1 000", '.') && none("1'000", '.'), "blanks and apostrophes group nothing");
}

/* A size that ends before the text does, as cells in a file have it. */
static void test_size(void)
{
	ok(amount_parse("12%34", 3, '.', &value, &marks) && marks == AMOUNT_PERCENT,
	   "the size decides where a text ends");
	ok(!amount_parse("12", 0, '.', &value, &marks) && !marks, "nothing is no amount");
	ok(!amount_parse("   ", 3, '.', &value, &marks), "nor are blanks");
}

int main(void)
{
	test_parse();
	test_convert();
	test_marks();
	test_thousands();
	test_size();
	return tap_done();
}
