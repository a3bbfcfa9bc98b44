#include "datasets/csv/dates.h"

#include "tests/tap.h"

static struct arena arena;
static struct error err;

static bool is(const char *text, enum date_order order, int y, int m, int d)
{
	struct date out;

	return date_parse(text, strlen(text), order, &out) && out.year == y &&
	       out.month == m && out.day == d;
}

static bool none(const char *text, enum date_order order)
{
	struct date out;

	return !date_parse(text, strlen(text), order, &out);
}

static void test_days(void)
{
	ok(is("2024-02-29", DATE_ISO, 2024, 2, 29), "year-month-day, a leap day");
	ok(none("2023-02-29", DATE_ISO), "no leap day in another year");
	ok(none("1900-02-29", DATE_ISO) && is("2000-02-29", DATE_ISO, 2000, 2, 29),
	   "centuries leap every fourth");
	ok(is("31/12/1999", DATE_DAY_FIRST, 1999, 12, 31), "day first");
	ok(is("12.31.1999", DATE_MONTH_FIRST, 1999, 12, 31), "month first, with points");
	ok(none("31/12/1999", DATE_MONTH_FIRST), "there is no month 31");
	ok(is("1/2/68", DATE_DAY_FIRST, 2068, 2, 1) && is("1/2/69", DATE_DAY_FIRST, 1969, 2, 1),
	   "years of two digits as POSIX has them");
	ok(is("20240131", DATE_COMPACT, 2024, 1, 31) && none("20241301", DATE_COMPACT),
	   "eight digits");
	ok(none("2024-01/31", DATE_ISO), "marks do not mix");
	ok(none("2024-01", DATE_ISO) && none("", DATE_ISO) && none("2024-01-", DATE_ISO) &&
	   none("2024-1-311", DATE_ISO) && none("0000-01-01", DATE_ISO),
	   "half a date is none");
	ok(none("3.14", DATE_DAY_FIRST) && none("1.2.3", DATE_DAY_FIRST),
	   "numbers and versions are none");
}

static void test_times(void)
{
	struct date d;

	ok(date_parse("2024-01-31T17:45:30.25Z", 23, DATE_ISO, &d) && d.has_time &&
	   d.hour == 17 && d.minute == 45, "a time behind a T");
	ok_near(d.second, 30.25, 1e-9, "with parts of a second");
	ok(date_parse("1/31/2024 12:05 AM", 18, DATE_MONTH_FIRST, &d) && d.hour == 0 &&
	   d.minute == 5, "12 AM is midnight");
	ok(date_parse("1/31/2024 1:05pm", 16, DATE_MONTH_FIRST, &d) && d.hour == 13,
	   "1 pm is 13");
	ok(date_parse("2024-01-31 10:00:00+02:00", 25, DATE_ISO, &d) && d.hour == 10,
	   "a time zone is passed over");
	ok(none("2024-01-31 25:00", DATE_ISO) && none("2024-01-31 10:61", DATE_ISO) &&
	   none("2024-01-31 noon", DATE_ISO) && none("2024-01-31 13:00 PM", DATE_ISO),
	   "what is no time makes no date");
}

static void test_calendar(void)
{
	struct date epoch = { .year = 1970, .month = 1, .day = 1 };
	struct date later = { .year = 2000, .month = 3, .day = 1, .hour = 12 };
	struct date before = { .year = 1969, .month = 12, .day = 28 };

	ok_near(date_days(&epoch), 0, 0, "1970-01-01 is day 0");
	ok_near(date_days(&later), 11017.5, 0, "noon of 2000-03-01 is day 11017.5");
	ok(date_weekday(&epoch) == 4 && date_weekday(&later) == 3, "a Thursday, a Wednesday");
	ok_near(date_days(&before), -4, 0, "days before 1970 are negative");
	ok(date_weekday(&before) == 7, "and have weekdays, too");
}

static void test_guess(void)
{
	static const char *const iso[] = { "2024-01-02", "2024-12-31 10:00" };
	static const char *const day[] = { "1/2/2024", "31/1/2024" };
	static const char *const month[] = { "1/2/2024", "1/31/2024" };
	static const char *const either[] = { "1/2/2024", "3/4/2024" };
	static const char *const mixed[] = { "31/1/2024", "1/31/2024" };
	static const char *const compact[] = { "20240131", "20240201" };
	enum date_order order;
	bool ambiguous;

	ok(date_guess(iso, 2, &order, &ambiguous) && order == DATE_ISO, "the order: ISO");
	ok(date_guess(day, 2, &order, &ambiguous) && order == DATE_DAY_FIRST && !ambiguous,
	   "one 31/1 makes the column day first");
	ok(date_guess(month, 2, &order, &ambiguous) && order == DATE_MONTH_FIRST && !ambiguous,
	   "one 1/31 makes it month first");
	ok(date_guess(either, 2, &order, &ambiguous) && order == DATE_DAY_FIRST && ambiguous,
	   "without either it is ambiguous");
	ok(date_find(either, 2, 0, &order) && order == DATE_MONTH_FIRST,
	   "and a person may settle it");
	ok(date_find(month, 2, 1, &order) && order == DATE_MONTH_FIRST,
	   "but not against the column");
	ok(!date_guess(mixed, 2, &order, &ambiguous), "both in one column: no dates");
	ok(!date_guess(compact, 2, &order, &ambiguous) && date_find(compact, 2, -1, &order) &&
	   order == DATE_COMPACT, "eight digits are dates only where they are asked for");
	ok(!date_guess(iso, 0, &order, &ambiguous), "no text, no order");
}

static const char *const levels[] = { "2024-01-01 06:30", "2024-01-08 06:30",
				      "2024-03-01 18:00" };
static struct column columns[2];
static float when[] = { 0, 2, NAN, 1 }, x[] = { 1, 2, 3, 4 };
static float *cells[2];
static struct table table;

static void make_table(void)
{
	columns[0] = (struct column){ .name = "when", .is_cat = true, .levels = 3,
				      .level_names = levels };
	columns[1] = (struct column){ .name = "x" };
	cells[0] = when;
	cells[1] = x;
	table = (struct table){ .rows = 4, .cols = 2, .columns = columns, .cell = cells };
	error_clear(&err);
}

/* The cells of a column by name, or NULL. */
static const float *column(const char *name)
{
	for (size_t j = 0; j < table.cols; j++)
		if (!strcmp(table.columns[j].name, name))
			return table.cell[j];
	return NULL;
}

static void test_expand(void)
{
	static const char *const names[] = { "when" };

	make_table();
	ok(!dates_expand(&table, names, 1, -1, &arena, &err), "a column becomes its parts");
	ok(!column("when") && column("x") == x, "which stand in its place");
	ok(!column("when_year"), "a part that never changes is left out");
	ok(column("when_month") && column("when_month")[1] > 2.5f, "the month");
	ok(column("when_weekday") && column("when_weekday")[0] < 1.5f, "Monday is 1");
	ok(column("when_hour"), "hours, as they differ");
	ok_near(column("when_hour")[0], 6.5, 1e-6, "with their minutes");
	ok_near(column("when_days")[0], 6.5 / 24, 1e-6, "days since the first date");
	ok_near(column("when_days")[3], 7 + 6.5 / 24, 1e-5, "a week later");
	ok(isnan(column("when_days")[2]) && isnan(column("when_month")[2]),
	   "a hole is a hole in every part");
}

static void test_errors(void)
{
	static const char *const slip[] = { "wen" }, *const number[] = { "x" },
				 *const name[] = { "when" };
	static const char *const bad[] = { "2024-01-01", "soon", "2024-01-02" };
	struct error why;

	make_table();
	ok(dates_expand(&table, slip, 1, -1, &arena, &err) == ERR_CONFIG,
	   "a name that no column has");
	ok(dates_expand(&table, number, 1, -1, &arena, &err) == ERR_CONFIG,
	   "a column of numbers holds no dates");
	columns[0].level_names = bad;
	ok(dates_expand(&table, name, 1, -1, &arena, &err) == ERR_DATA &&
	   strstr(err.text, "'soon'"), "a text that is no date is named");
	make_table();
	ok(!dates_number(&table, "when", -1, &arena, &err) && !columns[0].is_cat &&
	   isnan(cells[0][2]) && cells[0][1] > cells[0][3] && cells[0][3] > cells[0][0],
	   "days for a split by time");
	ok_near(cells[0][0], 6.5 / 24, 1e-6, "counted from the first");
	ok(!dates_number(&table, "x", -1, &arena, &err) && cells[1] == x &&
	   !dates_number(&table, "z", -1, &arena, &err),
	   "numbers are times as they are, and other names another's business");
	for (size_t k = 1; k < 30; k++) {
		arena_clear(&arena);
		make_table();
		arena.calls = 0;
		arena.fail_at = k;
		if (!dates_expand(&table, name, 1, -1, &arena, &why))
			break;
		ok(why.code == ERR_MEMORY, "allocation %zu may fail", k);
	}
	arena.fail_at = 0;
}

/* Every day of four centuries there and back by another way: counting. */
static void test_every_day(void)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	struct date d = { .year = 1800, .month = 1, .day = 1 };
	double day = date_days(&d);
	int weekday = date_weekday(&d);
	bool days = true, weekdays = true, texts = true;
	struct date back;
	char text[32];

	for (; d.year < 2200; d.year++) {
		bool leap = d.year % 400 == 0 || (d.year % 4 == 0 && d.year % 100 != 0);

		for (d.month = 1; d.month <= 12; d.month++) {
			int last = lengths[d.month - 1] + (leap && d.month == 2);

			for (d.day = 1; d.day <= last; d.day++) {
				days &= !(fabs(date_days(&d) - day) > 0);
				weekdays &= date_weekday(&d) == weekday;
				day++;
				weekday = weekday % 7 + 1;
			}
			snprintf(text, sizeof(text), "%04d-%02d-%02d", d.year, d.month, last);
			texts &= date_parse(text, 10, DATE_ISO, &back) && back.day == last;
			snprintf(text, sizeof(text), "%04d-%02d-%02d", d.year, d.month, last + 1);
			texts &= !date_parse(text, 10, DATE_ISO, &back);
		}
	}
	ok(days, "days of 400 years follow each other by one");
	ok(weekdays, "and weekdays in their turn");
	ok(texts, "the last day of each month is a date, the next one is none");
}

static void test_unusual(void)
{
	struct date d;

	ok(is("9999-12-31", DATE_ISO, 9999, 12, 31) && is("0001-01-01", DATE_ISO, 1, 1, 1),
	   "the first and the last year of four digits");
	ok(is("2024/1/5", DATE_ISO, 2024, 1, 5) && is("2024.01.05", DATE_ISO, 2024, 1, 5),
	   "slashes, points and single digits with the year in front");
	ok(is("29.2.00", DATE_DAY_FIRST, 2000, 2, 29) && none("29.2.01", DATE_DAY_FIRST),
	   "leap days of years of two digits");
	ok(is("1-1-99", DATE_MONTH_FIRST, 1999, 1, 1) && none("1-1-199", DATE_MONTH_FIRST) &&
	   none("1-1-9", DATE_MONTH_FIRST), "years have two digits or four");
	ok(none("24-01-31", DATE_ISO) && none("2024-00-10", DATE_ISO) &&
	   none("2024-10-00", DATE_ISO) && none("2024-13-01", DATE_ISO),
	   "month 0 and 13, day 0, and a short year");
	ok(none(" 2024-01-31", DATE_ISO) && none("2024-01-31 ", DATE_ISO) &&
	   none("2024-01-31x", DATE_ISO) && none("-2024-01-31", DATE_ISO),
	   "nothing may stand around it");
	ok(none("2024013", DATE_COMPACT) && none("202401311", DATE_COMPACT) &&
	   none("20240230", DATE_COMPACT) && none("2024-01-31", DATE_COMPACT),
	   "eight digits are eight, and of a day that exists");
	ok(date_parse("20240131 08:15", 14, DATE_COMPACT, &d) && d.hour == 8 && d.minute == 15,
	   "with a time behind them");
	ok(!date_parse("2024-01-31\0", 11, DATE_ISO, &d), "a NUL byte is no end of a text");
	ok(date_parse("2024-01-31zzz", 10, DATE_ISO, &d) && !d.has_time,
	   "the size decides where a text ends");
}

static void test_clocks(void)
{
	struct date d;

	ok(date_parse("2024-01-31 23:59:60", 19, DATE_ISO, &d) && d.second > 59.5,
	   "a leap second is one");
	ok(none("2024-01-31 23:59:61", DATE_ISO) && none("2024-01-31 24:00", DATE_ISO),
	   "a second more is none, nor is 24 o'clock");
	ok(date_parse("2024-01-31 12:00 PM", 19, DATE_ISO, &d) && d.hour == 12, "12 PM is noon");
	ok(none("2024-01-31 0:30 AM", DATE_ISO) && none("2024-01-31 10:30 XM", DATE_ISO),
	   "hour 0 has no AM, and XM is nothing");
	ok(none("2024-01-31 10", DATE_ISO) && none("2024-01-31 10:5", DATE_ISO) &&
	   none("2024-01-31T", DATE_ISO) && none("2024-01-31 :30", DATE_ISO),
	   "a clock has hours and two digits of minutes");
	ok(date_parse("2024-01-31T10:00-0330", 21, DATE_ISO, &d) && d.hour == 10 &&
	   none("2024-01-31T10:00+02:00x", DATE_ISO) && none("2024-01-31T10:00Zx", DATE_ISO),
	   "nothing stands behind a time zone");
	ok(date_parse("2024-01-31 10:00:01,5", 21, DATE_ISO, &d), "a comma may part the second");
	ok_near(d.second, 1.5, 1e-9, "from its fraction");
	ok_near(date_days(&d) - floor(date_days(&d)), (36000 + 1.5) / 86400, 1e-9,
		"and the time is a part of the day");
}

/* One row, one date, all holes. */
static void test_small_tables(void)
{
	static const char *const names[] = { "when" };
	static const char *const one[] = { "2024-02-29" };
	float hole[] = { NAN, NAN };

	make_table();
	columns[0].levels = 1;
	columns[0].level_names = one;
	table.rows = 1;
	ok(!dates_expand(&table, names, 1, -1, &arena, &err) && table.cols == 1 &&
	   column("x") == x, "one date has no parts that differ, and its column goes");
	make_table();
	columns[0].levels = 0;
	cells[0] = hole;
	table.rows = 2;
	ok(!dates_expand(&table, names, 1, -1, &arena, &err) && table.cols == 1 &&
	   column("x") == x, "a column of holes has none either");
	make_table();
	ok(!dates_expand(&table, names, 0, -1, &arena, &err) && table.columns == columns,
	   "no names, no change");
	make_table();
	columns[0].levels = 1;
	columns[0].level_names = one;
	when[0] = when[1] = when[3] = 0;
	ok(!dates_number(&table, "when", -1, &arena, &err) && !(fabsf(cells[0][3]) > 0) &&
	   isnan(cells[0][2]), "one day is day 0 in every row, holes stay");
	when[1] = 2;
	when[3] = 1;
}

/* The order by the whole column, whichever text comes first. */
static void test_orders(void)
{
	static const char *const late[] = { "1/2/2024", "3/4/2024", "5/6/2024", "7/13/2024" };
	static const char *const mixed[] = { "2024-01-02", "1/2/2024" };
	static const char *const short_years[] = { "31.12.99", "01.01.00" };
	static const char *const same[] = { "1/1/2024", "2/2/2024" };
	static const char *const compact[] = { "20240131", "2024-02-01" };
	enum date_order order;
	bool ambiguous;

	ok(date_guess(late, 4, &order, &ambiguous) && order == DATE_MONTH_FIRST && !ambiguous,
	   "the last text may settle it");
	ok(date_guess(late, 3, &order, &ambiguous) && ambiguous, "without it nothing does");
	ok(!date_guess(mixed, 2, &order, &ambiguous) && !date_find(mixed, 2, 1, &order),
	   "ISO and another order do not mix");
	ok(date_guess(short_years, 2, &order, &ambiguous) && order == DATE_DAY_FIRST,
	   "years of two digits have an order as well");
	ok(date_guess(same, 2, &order, &ambiguous) && ambiguous,
	   "1/1 and 2/2 are the same day either way, and still ambiguous");
	ok(!date_find(compact, 2, -1, &order), "eight digits do not mix with marks");
	ok(date_find(late, 3, -1, &order) && order == DATE_DAY_FIRST &&
	   date_find(late, 3, 1, &order) && order == DATE_DAY_FIRST,
	   "day first, unless somebody says otherwise");
}

/* A word of a person settles what the column leaves open, in the table too. */
static void test_told_order(void)
{
	static const char *const names[] = { "when" };
	static const char *const either[] = { "1/2/2024", "1/3/2024", "1/4/2024" };

	make_table();
	columns[0].level_names = either;
	ok(!dates_expand(&table, names, 1, 0, &arena, &err) && column("when_day") &&
	   !column("when_month"), "month first: the days differ");
	make_table();
	columns[0].level_names = either;
	ok(!dates_expand(&table, names, 1, 1, &arena, &err) && column("when_month") &&
	   !column("when_day"), "day first: the months do");
	make_table();
	columns[0].level_names = either;
	ok(!dates_number(&table, "when", 1, &arena, &err), "and so do the days of a split");
	ok_near((double)cells[0][3], 29, 0, "of which February has 29 in 2024");
}

int main(void)
{
	test_days();
	test_times();
	test_calendar();
	test_guess();
	test_expand();
	test_errors();
	test_every_day();
	test_unusual();
	test_clocks();
	test_small_tables();
	test_orders();
	test_told_order();
	arena_clear(&arena);
	return tap_done();
}
