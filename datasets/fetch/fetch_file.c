/* CACHE/files/DIGEST/NAME is complete and right, or it is not there:
 *
 *	files/.lock-DIGEST	held while the file is checked and made
 *	files/.tmp-DIGEST-*	what is being made; renamed when its digest is
 *				right, overwritten by the next fetch otherwise
 *	downloads/.lock-HASH	held while the address of that hash is read
 *
 * The lock of an address is taken inside of a file's and never the other way
 * round, so two fetches cannot wait for each other. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "datasets/fetch/derive.h"
#include "datasets/fetch/fetch_parts.h"
#include "datasets/fetch/unpack.h"
#include "harness/base/file.h"
#include "harness/base/hash.h"

/* No data set of ours unpacks to more; a bomb stops here. */
#define MOST_BYTES ((uint64_t)8 << 30)

/* One file on its way. */
struct job {
	const struct fetch *f;
	const struct entry *e;
	size_t k; /* which origin */
	const struct origin_file *o;
	char home[PATH_MAX];  /* where it will be */
	char spool[PATH_MAX]; /* temporaries: what came out of the source, */
	char joined[PATH_MAX]; /* its pieces in a row or as a tar, */
	char derived[PATH_MAX]; /* the subset of that */
};

/* All paths at once, so that no step fails half way for a long name. */
static int job_init(struct job *j, const struct fetch *f, const struct entry *e,
		    size_t k, struct error *err)
{
	const struct origin_file *o = &e->origins[k];
	int rc;

	*j = (struct job){ .f = f, .e = e, .k = k, .o = o };
	rc = fetch_place(j->home, f, o, err);
	if (!rc)
		rc = fetch_join(j->spool, err, "%s/files/.tmp-%s-spool",
				f->cache, o->sha256);
	if (!rc)
		rc = fetch_join(j->joined, err, "%s/files/.tmp-%s-joined",
				f->cache, o->sha256);
	if (!rc)
		rc = fetch_join(j->derived, err, "%s/files/.tmp-%s-derived",
				f->cache, o->sha256);
	return rc;
}

/* Those that were renamed are gone already. */
static void remove_temporaries(const struct job *j)
{
	unlink(j->spool);
	unlink(j->joined);
	unlink(j->derived);
}

/* ------------------------------------------------------- making the file */

/* Both digests and the file, and what it was made from. */
static int compare(const struct job *j, const char *hex, const char *from,
		   struct error *err)
{
	if (!strcmp(hex, j->o->sha256))
		return 0;
	return error_set(err, ERR_DATA, "'%s' made from '%s' has %s %s, the "
			 "catalogue says %s", j->o->file, from,
			 j->o->is_tree ? "tree_sha256" : "sha256", hex,
			 j->o->sha256);
}

/* On the disk first, then under its name; and then the name on the disk. */
static int publish(const struct job *j, const char *temp, struct error *err)
{
	char dir[PATH_MAX];
	int fd = open(temp, O_RDONLY | O_CLOEXEC), rc;
	bool synced = fd >= 0 && !fsync(fd);

	if (fd >= 0)
		close(fd);
	if (!synced)
		return error_set(err, ERR_IO, "cannot write '%s': %s; free some "
				 "space and run again", temp, strerror(errno));
	rc = fetch_join(dir, err, "%s/files/%s", j->f->cache, j->o->sha256);
	if (!rc)
		rc = file_make_dirs(dir, err);
	if (rc)
		return rc;
	if (rename(temp, j->home))
		return error_set(err, ERR_IO, "cannot make '%s': %s", j->home,
				 strerror(errno));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	return 0;
}

/* A tree becomes a tar whose bytes depend on names and contents alone. */
static int make_tree(const struct job *j, const char *from, struct spool *s,
		     struct error *err)
{
	char hex[HASH_HEX];
	int rc = unpack_keep(from, j->o->keep, j->o->n_keep, s, err);

	if (!rc)
		rc = spool_tree_digest(s, hex, err);
	if (!rc)
		rc = compare(j, hex, from, err);
	if (!rc)
		rc = spool_write_tar(s, j->joined, err);
	return rc ? rc : publish(j, j->joined, err);
}

/* The file itself, perhaps compressed. The digest is of the content, unless the
 * file that the catalogue means is itself a compressed one. */
static int make_plain(const struct job *j, const char *from, struct spool *s,
		      struct error *err)
{
	struct error other;
	char hex[HASH_HEX];
	bool packed = false;
	int rc = unpack_plain(from, s, &packed, err);

	if (!rc)
		rc = compare(j, s->pieces[0].hex, from, err);
	if (rc == ERR_DATA && packed && !hash_file(from, hex, &other) &&
	    !compare(j, hex, from, &other)) {
		rc = spool_reset(s, err);
		if (!rc)
			rc = unpack_copy(from, s, err);
	}
	return rc ? rc : publish(j, j->spool, err);
}

/* Members and subsets of what is at the address; `*whole` is what came. */
static int make_parts(const struct job *j, const char *from, struct spool *s,
		      struct error *err)
{
	const struct origin_file *o = j->o;
	const char *whole = j->spool;
	char hex[HASH_HEX];
	bool packed;
	int rc = o->n_members ?
			 unpack_members(from, o->members, o->n_members, s, err) :
			 unpack_plain(from, s, &packed, err);

	if (!rc && o->n_members > 1) {
		rc = spool_write_joined(s, j->joined, err);
		whole = j->joined;
	}
	if (!rc && o->lines)
		rc = derive_lines(whole, o->lines, j->derived, err);
	else if (!rc && o->lowest.record)
		rc = derive_lowest(whole, &o->lowest, j->derived, s->arena, err);
	if (o->lines || o->lowest.record)
		whole = j->derived;
	if (!rc)
		rc = hash_file(whole, hex, err);
	if (!rc)
		rc = compare(j, hex, from, err);
	return rc ? rc : publish(j, whole, err);
}

typedef int make_fn(const struct job *j, const char *from, struct spool *s,
		    struct error *err);

/* Make it with memory and temporaries of its own. */
static int make(const struct job *j, make_fn *fn, const char *from,
		struct error *err)
{
	struct arena a;
	struct spool s;
	int rc;

	arena_init(&a, 0);
	rc = spool_open(&s, j->spool, MOST_BYTES, &a, err);
	if (!rc)
		rc = fn(j, from, &s, err);
	spool_close(&s);
	arena_clear(&a);
	remove_temporaries(j);
	return rc;
}

/* Is it made of a piece of what lies at the address? */
static bool has_parts(const struct origin_file *o)
{
	return o->n_members || o->lines || o->lowest.record;
}

/* What lies at the official address, wherever it was found. */
static make_fn *from_source(const struct origin_file *o)
{
	return o->is_tree ? make_tree : has_parts(o) ? make_parts : make_plain;
}

/* ---------------------------------------------------------- the mirror */

/* Try one path of the mirror; ERR_MISSING when nothing is there. */
static int try_path(const struct job *j, make_fn *fn, const char *path,
		    struct error *err)
{
	if (!file_exists(path))
		return error_set(err, ERR_MISSING, "no file '%s'", path);
	fetch_say(j->f, "taking %s", path);
	return make(j, fn, path, err);
}

/* The file under its own name, or with an ending; a tree also under its name
 * without .tar, as a folder or with the ending of another archive. */
static int try_names(const struct job *j, struct error *err)
{
	static const char *const endings[] = {
		"", ".gz", ".xz", ".bz2", ".zst", ".zip", ".tar", ".tar.gz",
		".tgz", ".tar.xz", ".tar.bz2",
	};
	size_t n = sizeof(endings) / sizeof(endings[0]), k;
	const struct origin_file *o = j->o;
	size_t length = strlen(o->file);
	char path[PATH_MAX];
	int rc = ERR_MISSING;

	if (o->is_tree && length > 4 && !strcmp(o->file + length - 4, ".tar"))
		length -= 4;
	for (k = 0; k < n && rc == ERR_MISSING; k++) {
		bool archive = k >= 5;
		make_fn *fn = o->is_tree ? make_tree : make_plain;

		if (archive && !o->is_tree && !o->n_members)
			break;
		rc = fetch_join(path, err, "%s/%.*s%s", j->f->mirror,
				(int)length, o->file, endings[k]);
		if (!rc)
			rc = try_path(j, archive ? from_source(o) : fn, path, err);
	}
	return rc;
}

/* The file as it is at its address, under its name there, in the same folder of
 * the mirror: what a person gets who downloads it with a browser. */
static int try_original(const struct job *j, struct error *err)
{
	const char *url = j->o->url, *name, *slash = strrchr(j->o->file, '/');
	char path[PATH_MAX];
	int rc;

	if (!url)
		return ERR_MISSING;
	name = strrchr(url, '/') + 1; /* there are two in http:// */
	rc = fetch_join(path, err, "%s/%.*s%.*s", j->f->mirror,
			slash ? (int)(slash - j->o->file) + 1 : 0, j->o->file,
			(int)strcspn(name, "?#"), name);
	if (rc || path[strlen(path) - 1] == '/')
		return ERR_MISSING;
	return try_path(j, from_source(j->o), path, err);
}

/* ERR_MISSING when the mirror has it under no name. */
static int from_mirror(const struct job *j, struct error *err)
{
	struct error other;
	int rc = try_names(j, err);

	if (rc == ERR_MISSING)
		return try_original(j, err);
	/* a wrong file, but the right archive may lie beside it */
	if (rc == ERR_DATA && !try_original(j, &other))
		return 0;
	return rc;
}

/* -------------------------------------------------------- the address */

/* Will a later file of the entry be made from the same download? */
static bool needed_again(const struct job *j)
{
	char path[PATH_MAX];
	struct error err;

	for (size_t i = j->k + 1; i < j->e->n_origins; i++) {
		const struct origin_file *o = &j->e->origins[i];

		if (o->url && !strcmp(o->url, j->o->url) &&
		    !fetch_place(path, j->f, o, &err) && !file_exists(path))
			return true;
	}
	return false;
}

/* Download and make; a download that was pieced together from two runs and does
 * not fit is fetched once more in one. The address's lock is held. */
static int download_and_make(const struct job *j, const char *path,
			     struct error *err)
{
	struct download d = {
		.url = j->o->url, .path = path, .limits = j->f->limits,
		.hosts = j->f->hosts, .say = j->f->say,
		.say_ctx = j->f->say_ctx,
	};
	int rc = 0;

	for (int round = 0; round < 2; round++) {
		fetch_say(j->f, "fetching %s", d.url);
		rc = file_exists(path) ? 0 : download_file(&d, err);
		if (rc)
			return rc;
		rc = make(j, from_source(j->o), path, err);
		/* on a full disk it is kept: it need not come again */
		if (rc == ERR_DATA || (!rc && !needed_again(j)))
			download_remove(path);
		if (rc != ERR_DATA || !d.resumed)
			break;
		fetch_say(j->f, "%s: the parts do not fit; all of it again",
			  d.url);
	}
	return rc ? error_wrap(err, "%s", d.url) : 0;
}

/* Downloads go by the hash of their address: one archive serves several files
 * of an entry, and is never fetched twice at once. */
static int from_address(const struct job *j, struct error *err)
{
	char hash[HASH_HEX], path[PATH_MAX], lock[PATH_MAX];
	int rc, handle;

	hash_bytes(j->o->url, strlen(j->o->url), hash);
	rc = fetch_join(path, err, "%s/downloads", j->f->cache);
	if (!rc)
		rc = file_make_dirs(path, err);
	if (!rc)
		rc = fetch_join(path, err, "%s/downloads/%s", j->f->cache, hash);
	if (!rc)
		rc = fetch_join(lock, err, "%s/downloads/.lock-%s", j->f->cache,
				hash);
	if (rc)
		return rc;
	handle = file_lock(lock, err);
	if (handle < 0)
		return handle;
	rc = download_and_make(j, path, err);
	file_unlock(handle);
	if (rc == ERR_MISSING)
		return error_set(err, ERR_MISSING, "%.700s; or bring it by hand, "
				 "as '%.150s' in a folder given by --mirror DIR",
				 strdupa(err->text), j->o->file);
	return rc;
}

/* ----------------------------------------------------------- in order */

/* Neither in the mirror nor, for whatever reason, at an address. */
static int no_way(const struct job *j, struct error *err)
{
	const struct origin_file *o = j->o;

	if (!o->url)
		return error_set(err, ERR_MISSING, "'%s' has no direct address: "
				 "download it by hand from %s, put it as '%s' "
				 "into a folder and give that by --mirror DIR or "
				 "TRIARCH_MIRROR", o->file, o->page, o->file);
	return error_set(err, ERR_MISSING, "'%s' is not in %s%s%s, and offline "
			 "is set; run 'triarch fetch %s' with a network, or with "
			 "--mirror DIR", o->file, j->f->cache,
			 j->f->mirror ? " nor in " : "",
			 j->f->mirror ? j->f->mirror : "", j->e->name);
}

/* Whatever is found is made into the file only when the digest is right. A
 * wrong file in the mirror is an error, but not while there is another way. */
static int bring(const struct job *j, struct error *err)
{
	bool online = j->o->url && !j->f->offline;
	int rc = ERR_MISSING;
	struct error wrong;

	if (j->f->mirror)
		rc = from_mirror(j, err);
	if (rc == ERR_MISSING)
		return online ? from_address(j, err) : no_way(j, err);
	if (rc != ERR_DATA || !online)
		return rc;
	fetch_say(j->f, "%s; trying its address", err->text);
	wrong = *err;
	rc = from_address(j, err);
	if (rc == ERR_MISSING)
		*err = wrong;
	return rc ? (int)err->code : 0;
}

/* After a fresh one the check leaves a stamp. */
static int check_or_bring(const struct job *j, struct error *err)
{
	struct error old;
	int rc = fetch_check(j->f, j->o, j->home, j->home, false, &old);

	if (!rc)
		return 0;
	if (rc != ERR_MISSING && rc != ERR_DATA) {
		*err = old;
		return rc;
	}
	if (bring(j, err)) {
		/* damage without a cure is told as damage */
		if (rc == ERR_DATA && err->code == ERR_MISSING)
			*err = old;
		return (int)err->code;
	}
	return fetch_check(j->f, j->o, j->home, j->home, false, err);
}

/* Checked under the lock: another process may have brought it meanwhile. */
int fetch_file(const struct fetch *f, const struct entry *e, size_t k,
	       struct error *err)
{
	char path[PATH_MAX];
	struct job j;
	int rc = job_init(&j, f, e, k, err), handle;

	if (!rc)
		rc = fetch_join(path, err, "%s/files", f->cache);
	if (!rc)
		rc = file_make_dirs(path, err);
	if (!rc)
		rc = fetch_join(path, err, "%s/files/.lock-%s", f->cache,
				j.o->sha256);
	if (rc)
		return rc;
	handle = file_lock(path, err);
	if (handle < 0)
		return handle;
	rc = check_or_bring(&j, err);
	file_unlock(handle);
	return rc;
}
