/* The parts of a model file in their order. */
#include "learners/model/model_file.h"

#include "harness/base/file.h"
#include "learners/model/model_frame.h"

int model_file_format(const struct model_file *m, struct arena *a, struct text *out,
		      struct error *err)
{
	struct model_writer w;

	if (!m->learner->save)
		return error_set(err, ERR_UNSUPPORTED, "models of '%s' cannot be saved yet",
				 m->learner->name);
	model_writer_init(&w, a);
	model_writer_text(&w, "learner", m->learner->name);
	model_writer_count(&w, "learner.version", (uint64_t)m->version);
	model_writer_text(&w, "learner.params", m->params);
	model_writer_text(&w, "build", m->build);
	model_frame_save(&m->frame, &w);
	m->learner->save(m->model, &m->frame.data, &w);
	if (model_writer_finish(&w, err))
		return (int)err->code;
	*out = w.text;
	return 0;
}

int model_file_write(const char *path, const struct model_file *m, struct arena *a,
		     struct error *err)
{
	struct text t;

	if (model_file_format(m, a, &t, err))
		return (int)err->code;
	return file_replace(path, t.data, t.size, err);
}

/* A learner that is not here belongs to another build, newer or older: only the
 * name can be said. */
static int read_learner(struct model_file *m, struct model_reader *r, struct error *err)
{
	const char *name;
	size_t version = 0;

	if (model_reader_text(r, "learner", &name, err) ||
	    model_reader_count(r, "learner.version", INT32_MAX, &version, err) ||
	    model_reader_text(r, "learner.params", &m->params, err) ||
	    model_reader_text(r, "build", &m->build, err))
		return (int)err->code;
	m->version = (int)version;
	m->learner = learner_find(name);
	if (!m->learner || !m->learner->load)
		return error_set(err, ERR_DATA, "%s: a model of '%s', which this triarch "
				 "cannot load", r->path, name);
	return 0;
}

/* The views and tasks of the frame are the learner's, so that predict is asked for
 * nothing that fit would have refused. */
static int check_frame(const struct model_file *m, const struct model_reader *r,
		       struct error *err)
{
	const struct dataset *d = &m->frame.data;
	enum view v;

	if (learner_view(m->learner, (unsigned)d->view, &v) &&
	    (m->learner->tasks & 1u << d->task))
		return 0;
	return model_reader_bad(r, err, "'%s' does no %s of the view '%s'",
				m->learner->name, task_name(d->task), view_name(d->view));
}

int model_file_parse(struct model_file *m, const void *bytes, size_t size,
		     const char *path, struct arena *a, struct error *err)
{
	struct model_reader r;

	*m = (struct model_file){ 0 };
	if (model_reader_open(&r, bytes, size, path, a, err) || read_learner(m, &r, err) ||
	    model_frame_load(&m->frame, &r, err) || check_frame(m, &r, err) ||
	    m->learner->load(&r, &m->frame.data, &m->model, err))
		return (int)err->code;
	return model_reader_done(&r, err);
}

int model_file_read(struct model_file *m, const char *path, struct arena *a,
		    struct error *err)
{
	struct file_map map;
	int rc;

	if (file_map(&map, path, err))
		return (int)err->code;
	rc = model_file_parse(m, map.data, map.size, path, a, err);
	file_unmap(&map);
	return rc;
}
