/* Against a web server of our own (http_server.h): good and bad days. */
#include "tests/tap.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "datasets/fetch/download.h"
#include "datasets/folder.h"
#include "harness/base/file.h"
#include "tests/http_server.h"

static char root[] = "/tmp/triarch-download-XXXXXX";
static struct http_server server;
static char url[256], out[128], big[200000];
static int lines;

static const struct download_limits quick = {
	.tries = 4, .backoff_ms = 5, .connect_s = 2, .stall_s = 1,
};

static void put(const char *name, const void *data, size_t size)
{
	char path[256];
	struct error err;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	file_replace(path, data, size, &err);
}

static bool is(const char *path, const void *data, size_t size)
{
	struct file_map m;
	struct error err;
	bool same;

	if (file_map(&m, path, &err))
		return false;
	same = m.size == size && !memcmp(m.data, data, size);
	file_unmap(&m);
	return same;
}

static bool exists(const char *ending)
{
	char path[160];

	snprintf(path, sizeof(path), "%s%s", out, ending);
	return file_exists(path);
}

static void count(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
	lines++;
}

/* Fetch a path of the server into `out`. */
static int get(const char *path, struct download *d, struct error *err)
{
	snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", server.port, path);
	d->url = url;
	d->path = out;
	if (!d->limits)
		d->limits = &quick;
	d->say = count;
	err->text[0] = '\0';
	return download_file(d, err);
}

static void test_good(void)
{
	struct download d = { .url = "" };
	struct error err;

	ok(!get("/ok/big", &d, &err) && is(out, big, sizeof(big)) && !d.resumed,
	   "download: a file");
	ok(!exists(".part") && !exists(".tag"), "download: and nothing beside it");
	ok(!get("/to/big", &d, &err) && is(out, big, sizeof(big)),
	   "download: over a redirect");
	ok(!get("/ok/empty", &d, &err) && is(out, "", 0),
	   "download: an empty file is one");
	ok(!get("/busy/big", &d, &err) && is(out, big, sizeof(big)) &&
		   http_times(&server, "/busy/big") == 3 && lines == 2,
	   "download: a busy server is asked again, and that is said");
	download_remove(out);
	ok(!exists(""), "download: removed");
}

static void test_bad(void)
{
	struct download d = { .url = "" };
	struct error err;

	ok(get("/ok/none", &d, &err) == ERR_MISSING && strstr(err.text, "404") &&
		   strstr(err.text, url) && !exists(""),
	   "download: 404 names the address");
	ok(http_times(&server, "/ok/none") == 1, "download: and is not retried");
	ok(get("/file/", &d, &err) == ERR_MISSING && !exists(""),
	   "download: no redirect to file:");
	ok(get("/loop/", &d, &err) == ERR_MISSING && !exists(""),
	   "download: redirects end");
	d.url = "file:///etc/passwd";
	d.path = out;
	ok(download_file(&d, &err) == ERR_MISSING && !exists(""),
	   "download: file: is no address");
	d = (struct download){ .limits = &(const struct download_limits){
				       .tries = 2, .backoff_ms = 5,
				       .stall_s = 1 } };
	ok(get("/slow/big", &d, &err) == ERR_MISSING && !exists("") &&
		   http_times(&server, "/slow/big") == 2,
	   "download: a server that stalls is given up");
	download_remove(out);
	d.limits = &(const struct download_limits){ .max_bytes = 1000 };
	ok(get("/ok/big", &d, &err) == ERR_DATA && strstr(err.text, "1000") &&
		   !exists(""),
	   "download: more than the limit is refused");
	download_remove(out);
}

/* What came is kept and only the rest is asked for. */
static void test_resume(void)
{
	struct download d = { .url = "" };
	struct download_limits once = quick;
	struct error err;
	char log[256];

	ok(!get("/cut/big", &d, &err) && is(out, big, sizeof(big)) &&
		   http_times(&server, "/cut/big") == 2 && !d.resumed,
	   "download: a cut connection is continued");
	snprintf(log, sizeof(log), "grep -q '^/cut/big 100000-' %s/log", root);
	ok(!system(log), "download: from where it broke off");
	once.tries = 1;
	d = (struct download){ .limits = &once };
	put("next", big, sizeof(big));
	download_remove(out);
	ok(get("/cut/next", &d, &err) == ERR_MISSING && exists(".part") &&
		   exists(".tag") && !exists(""),
	   "download: a part stays for the next run");
	ok(!get("/cut/next", &d, &err) && is(out, big, sizeof(big)) && d.resumed,
	   "download: which takes it up");
	download_remove(out);
	put("plain", big, sizeof(big));
	ok(!get("/plain/plain", &(struct download){ .url = "" }, &err) &&
		   is(out, big, sizeof(big)),
	   "download: a server without ranges sends all of it again");
}

/* The file at the address changed between two runs. */
static void test_changed(void)
{
	struct download_limits once = quick;
	struct download d = { .limits = &once };
	struct error err;

	once.tries = 1;
	download_remove(out);
	put("moving", big, sizeof(big));
	ok(get("/cut/moving", &d, &err) == ERR_MISSING && exists(".part"),
	   "download: half of the old file");
	put("moving", big + 1, 1000);
	ok(!get("/cut/moving", &d, &err) && is(out, big + 1, 1000),
	   "download: then all of the new one, not half of each");
	put("whole", big, 1000);
	put("out.part", big, 1000);
	put("out.tag", "\"1000-0\"", 8);
	d.limits = &quick;
	ok(!get("/ok/whole", &d, &err) && is(out, big, 1000),
	   "download: a part that is already whole");
}

static void test_hosts(void)
{
	struct download_hosts hosts = { .n = 0 };
	struct download d = { .url = "http://127.0.0.1:1/x", .path = out,
			      .limits = &quick, .hosts = &hosts };
	struct error err;

	ok(download_file(&d, &err) == ERR_MISSING && hosts.n == 1 &&
		   strstr(err.text, "http://127.0.0.1:1/x"),
	   "download: a host that does not answer is noted");
	ok(download_file(&d, &err) == ERR_MISSING &&
		   strstr(err.text, "127.0.0.1:1 could not be reached before"),
	   "download: and not asked again");
	d.path = "/proc/no/such";
	ok(download_file(&d, &err) == ERR_IO, "download: a folder that is not");
}

/* A disk that is full: /dev/full takes no byte. */
static void test_full(void)
{
	struct download d = { .url = "" };
	char part[160];
	struct error err;

	snprintf(out, sizeof(out), "%s/full", root);
	snprintf(part, sizeof(part), "%s.part", out);
	if (symlink("/dev/full", part) || access("/dev/full", W_OK)) {
		skip("download: a full disk", "/dev/full");
		return;
	}
	ok(get("/ok/big", &d, &err) == ERR_IO && !exists(""),
	   "download: a disk that takes nothing is an error");
}

int main(void)
{
	if (!mkdtemp(root))
		return 1;
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * i % 251);
	snprintf(out, sizeof(out), "%s/out", root);
	put("big", big, sizeof(big));
	put("empty", "", 0);
	if (!http_start(&server, root)) {
		skip("download: all", "a port of 127.0.0.1");
	} else {
		test_good();
		test_bad();
		test_resume();
		test_changed();
		test_hosts();
		test_full();
		http_stop(&server);
	}
	folder_remove(root);
	return tap_done();
}
