/* Files by address: from a mirror folder in every form, and from a web server
 * (http_server.h) on good days and bad. Archives are made by tar and gzip. */
#include "tests/tap.h"

#include <sys/stat.h>

#include "datasets/fetch/derive.h"
#include "datasets/fetch/fetch.h"
#include "datasets/folder.h"
#include "harness/base/file.h"
#include "tests/http_server.h"

static char root[] = "/tmp/triarch-fetchfile-XXXXXX";
static char cache[64], mirror[64], web[64];
static struct http_server server;
static struct error err;
static char said[65536];

static const struct download_limits quick = {
	.tries = 3, .backoff_ms = 5, .connect_s = 2, .stall_s = 1,
};

__attribute__((format(printf, 1, 2))) static bool shell(const char *fmt, ...)
{
	char line[1024], whole[1200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	snprintf(whole, sizeof(whole), "cd %s && { %s; } >/dev/null 2>&1", root,
		 line);
	return system(whole) == 0;
}

static void keep_lines(void *ctx, const char *line)
{
	size_t n = strlen(said);

	(void)ctx;
	snprintf(said + n, sizeof(said) - n, "%s\n", line);
}

static struct fetch fetch_from(const char *folder, bool offline)
{
	said[0] = '\0';
	return (struct fetch){ .cache = cache, .mirror = folder,
			       .offline = offline, .limits = &quick,
			       .say = keep_lines };
}

/* An entry of one file; what is not set is not there. */
struct toy {
	struct origin_file o;
	struct entry e;
	char hex[HASH_HEX], url[256];
};

static struct entry *toy(struct toy *t, const char *file, const char *content,
			 const char *path)
{
	hash_bytes(content, strlen(content), t->hex);
	t->o = (struct origin_file){ .file = file, .sha256 = t->hex };
	if (path) {
		snprintf(t->url, sizeof(t->url), "http://127.0.0.1:%d%s",
			 server.port, path);
		t->o.url = t->url;
	} else {
		t->o.page = "https://example.org/page";
	}
	t->e = (struct entry){ .name = "toy", .origins = &t->o, .n_origins = 1 };
	return &t->e;
}

/* Is the file in the cache, with this content? */
static bool cached(const struct toy *t, const char *content)
{
	struct fetch f = fetch_from(NULL, true);
	const char *const *paths;
	struct arena a;
	char *text = NULL;
	size_t n;
	bool good;

	arena_init(&a, 0);
	good = fetch_present(&f, &t->e) && !fetch_paths(&f, &t->e, &a, &paths, &err) &&
	       !file_read(&a, paths[0], &text, &n, &err) &&
	       !strcmp(text, content) && !fetch_verify(&f, &t->e, &err);
	arena_clear(&a);
	return good;
}

static bool no_litter(void)
{
	return shell("test -z \"$(ls -d cache/files/.tmp-* cache/downloads/*)\"");
}

static void say_error(bool good)
{
	if (!good)
		printf("# %s\n# %s\n", err.text, said);
}

/* ------------------------------------------------------------ the mirror */

static void test_mirror(void)
{
	static const char *const ways[][2] = {
		{ "plain", "cat" }, { "packed", "gzip -c" },
		{ "xzed", "xz -c" }, { "bzipped", "bzip2 -c" },
	};
	static const char *const endings[] = { "", ".gz", ".xz", ".bz2" };
	char file[64], content[64];
	struct toy t;

	for (size_t k = 0; k < 4; k++) {
		struct fetch f = fetch_from(mirror, true);

		snprintf(file, sizeof(file), "set/%s.csv", ways[k][0]);
		snprintf(content, sizeof(content), "content %zu", k);
		shell("mkdir -p mirror/set && printf '%s' | %s > mirror/%s%s",
		      content, ways[k][1], file, endings[k]);
		toy(&t, file, content, NULL);
		ok(!fetch_present(&f, &t.e) && !fetch_entry(&f, &t.e, &err) &&
			   cached(&t, content) && no_litter(),
		   "fetch: a file of the mirror, %s", ways[k][0]);
		say_error(cached(&t, content));
	}
}

/* The digest may be of a compressed file itself. */
static void test_packed_itself(void)
{
	struct fetch f = fetch_from(mirror, true);
	char path[128];
	struct toy t;

	shell("printf hello | gzip -n > mirror/itself.gz");
	snprintf(path, sizeof(path), "%s/mirror/itself.gz", root);
	toy(&t, "itself.gz", "", NULL);
	hash_file(path, t.hex, &err);
	ok(!fetch_entry(&f, &t.e, &err) && !fetch_verify(&f, &t.e, &err) &&
		   no_litter(),
	   "fetch: a compressed file that is meant as it is");
}

static void test_missing(void)
{
	struct fetch f = fetch_from(mirror, false);
	struct toy t;

	toy(&t, "set/none.csv", "none", NULL);
	ok(fetch_entry(&f, &t.e, &err) == ERR_MISSING &&
		   strstr(err.text, "https://example.org/page") &&
		   strstr(err.text, "set/none.csv") &&
		   strstr(err.text, "--mirror DIR"),
	   "fetch: without an address it says what to do by hand");
	toy(&t, "set/none.csv", "none", "/ok/none");
	f.offline = true;
	ok(fetch_entry(&f, &t.e, &err) == ERR_MISSING &&
		   strstr(err.text, "offline") &&
		   strstr(err.text, "triarch fetch toy"),
	   "fetch: offline it says so");
	ok(fetch_verify(&f, &t.e, &err) == ERR_MISSING,
	   "fetch: nothing there to verify");
}

static void test_wrong_digest(void)
{
	struct fetch f = fetch_from(mirror, true);
	struct toy t;
	char good[HASH_HEX];

	shell("printf right > mirror/digest.csv");
	toy(&t, "digest.csv", "right", NULL);
	ok(!fetch_entry(&f, &t.e, &err), "fetch: the right file");
	hash_bytes("right", 5, good);
	shell("printf wrong > mirror/digest.csv; sleep 0.02; "
	      "printf damage > cache/files/%s/digest.csv", good);
	ok(fetch_entry(&f, &t.e, &err) == ERR_DATA && strstr(err.text, good) &&
		   strstr(err.text, "mirror/digest.csv") &&
		   shell("grep -q damage cache/files/%s/digest.csv", good),
	   "fetch: a wrong one names both digests and keeps what is there");
	f.mirror = NULL;
	ok(fetch_entry(&f, &t.e, &err) == ERR_DATA && strstr(err.text, good),
	   "fetch: damage without a source stays damage");
	shell("printf right > mirror/digest.csv");
	f.mirror = mirror;
	ok(!fetch_entry(&f, &t.e, &err) && cached(&t, "right") && no_litter(),
	   "fetch: and is mended when there is one");
}

/* A second fetch asks the stamp; a touched file is hashed again. */
static void test_stamps(void)
{
	struct fetch f = fetch_from(NULL, true);
	char path[256];
	struct toy t;

	toy(&t, "digest.csv", "right", NULL);
	snprintf(path, sizeof(path), "%s/files/%s/digest.csv", cache, t.hex);
	ok(!fetch_entry(&f, &t.e, &err) && !said[0],
	   "fetch: what is there is not brought again");
	usleep(20000);
	shell("printf other > cache/files/%s/digest.csv", t.hex);
	ok(fetch_entry(&f, &t.e, &err) == ERR_DATA,
	   "fetch: a file that was changed is noticed");
	file_replace(path, "right", 5, &err);
	ok(!fetch_entry(&f, &t.e, &err), "fetch: one that was put back is right");
}

/* ------------------------------------------------------- parts of archives */

static void test_members(void)
{
	static const char *const two[] = { "w/b.txt", "w/a.txt" };
	struct fetch f = fetch_from(mirror, true);
	struct toy t;

	shell("mkdir -p w && printf 'one\\n' > w/a.txt && "
	      "printf 'two\\nx\\ny\\n' > w/b.txt && mkdir -p web mirror/m && "
	      "tar czf web/w.tgz w && cp web/w.tgz mirror/m/w.tgz");
	toy(&t, "m/joined.txt", "two\nx\ny\none\n", "/ok/w.tgz");
	t.o.members = two;
	t.o.n_members = 2;
	ok(!fetch_entry(&f, &t.e, &err) && cached(&t, "two\nx\ny\none\n"),
	   "fetch: members of the original archive in the mirror, joined");
	toy(&t, "m/lines.txt", "two\nx\n", "/ok/w.tgz");
	t.o.members = two;
	t.o.n_members = 1;
	t.o.lines = 2;
	ok(!fetch_entry(&f, &t.e, &err) && cached(&t, "two\nx\n"),
	   "fetch: the first lines of a member");
	shell("printf ready > mirror/m/derived.txt");
	toy(&t, "m/derived.txt", "ready", "/ok/w.tgz");
	t.o.members = two;
	t.o.n_members = 1;
	t.o.lowest = (struct lowest){ .record = 2, .take = 2 };
	ok(!fetch_entry(&f, &t.e, &err) && cached(&t, "ready") && no_litter(),
	   "fetch: a derived file that the mirror has is taken as it is");
}

/* As the CIFAR-10 subset: members joined, then the records with the lowest
 * digests (derive_lowest has its slow twin in test_derive.c). */
static void test_lowest(void)
{
	static const char *const two[] = { "w/b.txt", "w/a.txt" };
	struct lowest l = { .record = 2, .skip = 1, .take = 3 };
	struct fetch f = fetch_from(mirror, true);
	char from[80], to[80], *want;
	struct arena a;
	struct toy t;
	size_t n;

	arena_init(&a, 0);
	snprintf(from, sizeof(from), "%s/joined", root);
	snprintf(to, sizeof(to), "%s/lowest", root);
	ok(!file_replace(from, "two\nx\ny\none\n", 12, &err) &&
		   !derive_lowest(from, &l, to, &a, &err) &&
		   !file_read(&a, to, &want, &n, &err) && n == 6,
	   "fetch: a subset by hand");
	toy(&t, "m/lowest.bin", want, "/ok/w.tgz");
	t.o.members = two;
	t.o.n_members = 2;
	t.o.lowest = l;
	ok(!fetch_entry(&f, &t.e, &err) && cached(&t, want) && no_litter(),
	   "fetch: the same subset of joined members");
	arena_clear(&a);
}

/* The tree of r/x.wav = "xx", r/y.wav = "yy". */
static void tree_toy(struct toy *t, const char *file, const char *path)
{
	static const char *const keep[] = { "r/*.wav" };
	char x[HASH_HEX], y[HASH_HEX];
	struct hash *h = hash_new();

	toy(t, file, "", path);
	hash_bytes("xx", 2, x);
	hash_bytes("yy", 2, y);
	hash_add_string(h, "r/x.wav");
	hash_add_string(h, x);
	hash_add_string(h, "r/y.wav");
	hash_add_string(h, y);
	hash_finish(h, t->hex);
	t->o.keep = keep;
	t->o.n_keep = 1;
	t->o.is_tree = true;
}

static void test_trees(void)
{
	static const char *const ways[] = {
		"tar cf mirror/t.tar t-1.0", "tar cJf mirror/t.tar.xz t-1.0",
		"tar czf mirror/t.tgz -C t-1.0 .", "cp -r t-1.0 mirror/t",
	};
	char first[HASH_HEX] = "", hex[HASH_HEX], path[256];
	struct toy t;

	shell("mkdir -p t-1.0/r && printf xx > t-1.0/r/x.wav && "
	      "printf yy > t-1.0/r/y.wav && printf no > t-1.0/README && "
	      "tar czf web/t.tar.gz t-1.0");
	tree_toy(&t, "t.tar", NULL);
	snprintf(path, sizeof(path), "%s/files/%s/t.tar", cache, t.hex);
	for (size_t k = 0; k < 4; k++) {
		struct fetch f = fetch_from(mirror, true);
		bool good;

		shell("rm -rf mirror/t mirror/t.* cache/files/%s; %s", t.hex,
		      ways[k]);
		good = !fetch_entry(&f, &t.e, &err) && fetch_present(&f, &t.e) &&
		       !fetch_verify(&f, &t.e, &err) &&
		       !hash_file(path, hex, &err) &&
		       (!k || !strcmp(hex, first));
		ok(good, "fetch: the same tree by: %s", ways[k]);
		say_error(good);
		memcpy(first, hex, HASH_HEX);
	}
	shell("rm -rf mirror/t mirror/t.*; printf junk >> %s", path);
	ok(!fetch_entry(&(struct fetch){ .cache = cache, .offline = true }, &t.e,
			&err),
	   "fetch: junk behind the tar's end changes no member");
	shell("truncate -s 700 %s", path);
	ok(fetch_entry(&(struct fetch){ .cache = cache, .offline = true }, &t.e,
		       &err) == ERR_DATA,
	   "fetch: a tar cut short is damage");
}

/* ------------------------------------------------------------ the address */

/* Fetch one toy over the server with nothing in the mirror. */
static int over_web(struct toy *t)
{
	struct fetch f = fetch_from(NULL, false);
	int rc;

	error_clear(&err);
	rc = fetch_entry(&f, &t->e, &err);
	return rc;
}

static void test_web(void)
{
	static const char *const member[] = { "w/a.txt" };
	struct toy t;

	shell("printf 'from the web' > web/f.csv && gzip -k web/f.csv");
	toy(&t, "x/f1.csv", "from the web", "/ok/f.csv");
	ok(!over_web(&t) && cached(&t, "from the web"), "fetch: from an address");
	shell("rm -r cache/files/%s", t.hex);
	toy(&t, "x/f2.csv", "from the web", "/to/f.csv.gz");
	ok(!over_web(&t) && cached(&t, "from the web") && no_litter(),
	   "fetch: compressed, over a redirect");
	toy(&t, "x/a.txt", "one\n", "/cut/w.tgz");
	t.o.members = member;
	t.o.n_members = 1;
	ok(!over_web(&t) && cached(&t, "one\n") &&
		   http_times(&server, "/cut/w.tgz") == 2,
	   "fetch: a member, over a connection that breaks");
	shell("rm -r cache/files");
	tree_toy(&t, "t.tar", "/ok/t.tar.gz");
	ok(!over_web(&t) && no_litter(), "fetch: a tree");
	say_error(!err.text[0]);
}

static void test_bad_web(void)
{
	static const char *const member[] = { "w/none.txt" };
	struct toy t;

	toy(&t, "x/b.csv", "something", "/ok/none.csv");
	ok(over_web(&t) == ERR_MISSING && strstr(err.text, "404") &&
		   strstr(err.text, "/ok/none.csv") && strstr(err.text, "toy") &&
		   strstr(err.text, "--mirror"),
	   "fetch: 404 names set, address and another way");
	toy(&t, "x/b.csv", "something else", "/ok/f.csv");
	ok(over_web(&t) == ERR_DATA && strstr(err.text, t.hex) &&
		   strstr(err.text, t.url) && no_litter(),
	   "fetch: other content at the address is an error");
	toy(&t, "x/b.csv", "b", "/ok/w.tgz");
	t.o.members = member;
	t.o.n_members = 1;
	ok(over_web(&t) == ERR_DATA && strstr(err.text, "no member") &&
		   no_litter(),
	   "fetch: an archive without the member");
	shell("head -c 90 web/w.tgz > web/short.tgz");
	toy(&t, "x/b.csv", "b", "/ok/short.tgz");
	t.o.members = member;
	t.o.n_members = 1;
	ok(over_web(&t) == ERR_DATA && no_litter(), "fetch: a truncated archive");
	shell("tar cPf web/evil.tar --transform 's,w/,../../w/,' w/a.txt");
	toy(&t, "x/b.csv", "one\n", "/ok/evil.tar");
	t.o.members = member;
	t.o.n_members = 1;
	ok(over_web(&t) == ERR_DATA && strstr(err.text, "leads out") &&
		   no_litter(),
	   "fetch: an archive with a path that leads out");
	toy(&t, "x/b.csv", "b", "/slow/f.csv");
	ok(over_web(&t) == ERR_MISSING &&
		   shell("rm cache/downloads/*.part"),
	   "fetch: a server that stalls; what came is kept");
}

/* A part that is not what its tag says (a crash, a careless server): the digest
 * finds out, and the file is fetched once more in one. */
static void test_mixed_parts(void)
{
	char hash[HASH_HEX];
	struct toy t;

	toy(&t, "x/mixed.csv", "from the web", "/ok/f.csv");
	hash_bytes(t.url, strlen(t.url), hash);
	shell("printf 'frXX' > cache/downloads/%s.part && "
	      "printf '\"12-102\"' > cache/downloads/%s.tag", hash, hash);
	ok(!over_web(&t) && strstr(said, "parts do not fit") &&
		   cached(&t, "from the web") && no_litter(),
	   "fetch: halves that do not fit are fetched again as one");
}

/* One archive, two files: it comes once. */
static void test_shared(void)
{
	static const char *const names[] = { "w/a.txt", "w/b.txt" };
	struct origin_file both[2];
	struct toy t, u;

	shell("rm -rf cache/files; cp web/w.tgz web/shared.tgz");
	toy(&t, "x/a.txt", "one\n", "/ok/shared.tgz");
	toy(&u, "x/b.txt", "two\nx\ny\n", "/ok/shared.tgz");
	both[0] = t.o;
	both[1] = u.o;
	for (int k = 0; k < 2; k++) {
		both[k].members = names + k;
		both[k].n_members = 1;
	}
	t.e.origins = both;
	t.e.n_origins = 2;
	ok(!over_web(&t) && http_times(&server, "/ok/shared.tgz") == 1 &&
		   no_litter(),
	   "fetch: two members of one archive are one download");
}

/* A wrong mirror does not stand in the way of the address. */
static void test_mirror_then_web(void)
{
	struct fetch f = fetch_from(mirror, false);
	struct toy t;

	shell("rm -rf cache/files; printf bad > mirror/both.csv");
	toy(&t, "both.csv", "from the web", "/ok/f.csv");
	ok(!fetch_entry(&f, &t.e, &err) && strstr(said, "trying its address") &&
		   !fetch_verify(&f, &t.e, &err),
	   "fetch: a wrong file in the mirror, then the address");
	shell("rm -rf cache/files");
	toy(&t, "both.csv", "from the web", "/ok/none.csv");
	f = fetch_from(mirror, false);
	ok(fetch_entry(&f, &t.e, &err) == ERR_DATA &&
		   strstr(err.text, "both.csv"),
	   "fetch: and when that has none, the mirror's error");
}

/* Four processes want the same file at once, one of them is killed. */
static void test_concurrent(void)
{
	struct toy t;
	bool good = true;
	pid_t victim = 0;

	shell("rm -rf cache/files; cp web/w.tgz web/race.tgz");
	tree_toy(&t, "t.tar", "/cut/t.tar.gz");
	for (int k = 0; k < 5; k++) {
		pid_t pid = fork();

		if (!pid)
			_exit(over_web(&t) ? 1 : 0);
		victim = pid;
	}
	kill(victim, SIGKILL);
	for (int k = 0; k < 5; k++) {
		int status = 0;
		pid_t pid = wait(&status);

		good &= pid > 0 && (pid == victim || status == 0);
	}
	ok(good && !over_web(&t),
	   "fetch: four at once all succeed, a fifth is killed");
}

/* Killed at any moment: the file is there and right, or it is not there; and the
 * next fetch brings it. */
static void test_killed(void)
{
	static const char *const keep[] = { "*" };
	bool good = shell("rm -rf cache/files && mkdir -p many && cd many && "
			  "seq 20000 | split -l 10 -a 4 - && cd .. && "
			  "tar czf web/many.tgz many && tar cf mirror/many.tar many");
	char path[256], hash[HASH_HEX] = "";
	struct fetch f = fetch_from(mirror, true);
	struct toy t;
	struct arena a;

	arena_init(&a, 0);
	snprintf(path, sizeof(path), "%s/many", root);
	toy(&t, "many.tar", "", NULL);
	good &= !folder_digest(path, &a, hash, &err);
	memcpy(t.hex, hash, HASH_HEX);
	t.o.keep = keep;
	t.o.n_keep = 1;
	t.o.is_tree = true;
	for (unsigned k = 0; k < 20; k++) {
		pid_t pid = fork();

		if (!pid)
			_exit(fetch_entry(&f, &t.e, &err) ? 1 : 0);
		usleep(2000 * k);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		good &= !fetch_present(&f, &t.e) || !fetch_verify(&f, &t.e, &err);
		shell("rm -rf cache/files/%s", k % 2 ? hash : "none");
	}
	ok(good && !fetch_entry(&f, &t.e, &err) &&
		   !fetch_verify(&f, &t.e, &err),
	   "fetch: killed at 20 moments, never half a file");
	arena_clear(&a);
}

/* The user's own file stays where it is. */
static void test_local(void)
{
	struct fetch f = fetch_from(NULL, true);
	const char *const *paths;
	char path[128];
	struct toy t;
	struct arena a;

	arena_init(&a, 0);
	shell("printf mine > own.csv");
	snprintf(path, sizeof(path), "%s/own.csv", root);
	toy(&t, NULL, "mine", NULL);
	t.o = (struct origin_file){ .local = true, .path = path,
				    .sha256 = t.hex };
	ok(fetch_present(&f, &t.e) && !fetch_entry(&f, &t.e, &err) &&
		   !fetch_verify(&f, &t.e, &err) &&
		   !fetch_paths(&f, &t.e, &a, &paths, &err) &&
		   !strcmp(paths[0], path),
	   "fetch: a path of the user's is itself");
	usleep(20000);
	shell("printf more >> own.csv");
	ok(fetch_entry(&f, &t.e, &err) == ERR_DATA &&
		   fetch_verify(&f, &t.e, &err) == ERR_DATA &&
		   strstr(err.text, "own.csv"),
	   "fetch: and must not change");
	unlink(path);
	ok(!fetch_present(&f, &t.e) &&
		   fetch_entry(&f, &t.e, &err) == ERR_MISSING &&
		   strstr(err.text, "own.csv"),
	   "fetch: nor go");
	t.e.n_origins = 0;
	ok(fetch_present(&f, &t.e) && !fetch_entry(&f, &t.e, &err) &&
		   !fetch_verify(&f, &t.e, &err),
	   "fetch: an entry without files is always there");
	arena_clear(&a);
}

int main(void)
{
	if (!mkdtemp(root))
		return 1;
	snprintf(cache, sizeof(cache), "%s/cache", root);
	snprintf(mirror, sizeof(mirror), "%s/mirror", root);
	snprintf(web, sizeof(web), "%s/web", root);
	mkdir(web, 0777);
	test_mirror();
	test_packed_itself();
	test_missing();
	test_wrong_digest();
	test_stamps();
	test_members();
	test_lowest();
	test_trees();
	test_local();
	test_killed();
	if (!http_start(&server, web)) {
		skip("fetch: addresses", "a port of 127.0.0.1");
	} else {
		test_web();
		test_bad_web();
		test_mixed_parts();
		test_shared();
		test_mirror_then_web();
		test_concurrent();
		http_stop(&server);
	}
	folder_remove(root);
	return tap_done();
}
