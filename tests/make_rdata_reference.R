# Makes rdata_reference.h: what R itself finds in the data frames that the
# catalogue names, as counts and sums for each column of the task, so that our
# reader is checked against the one program that defines the format.
#
#	Rscript tests/make_rdata_reference.R datasets/catalog.yaml \
#		> tests/rdata_reference.h
#
# Needs Debian's r-base-core, r-cran-yaml and the packages named in the entries,
# installed as root (their files are read at the paths of the entries). Only for
# making the reference: the program needs no R.
#
# Coding as in datasets/read_rdata.c: categories by their code from 0 (levels in
# the factor's order, text sorted by bytes, false and true), everything else as
# a number. Sums run over the cells that are not missing; `weighted` multiplies
# each by its row, counted from 1, which notices rows in another order.

catalog <- yaml::read_yaml(commandArgs(TRUE)[1])

# An .rda is loaded whole; a pair .rdx and .rdb is lazyLoad's, without suffix.
read_object <- function(entry) {
	path <- file.path("/", entry$files[[1]]$path)
	env <- new.env()
	if (grepl("\\.rdx$", path))
		lazyLoad(sub("\\.rdx$", "", path), env)
	else
		load(path, env)
	as.data.frame(get(entry$options$object, env))
}

by_bytes <- function(text) sort(unique(text[!is.na(text)]), method = "radix")

# Codes and number of levels (0: a number) of one column.
code <- function(x) {
	if (is.factor(x))
		list(x = as.integer(x) - 1, levels = nlevels(x))
	else if (is.character(x))
		list(x = match(x, by_bytes(enc2utf8(x)), incomparables = NA) - 1,
		     levels = length(by_bytes(enc2utf8(x))))
	else if (is.logical(x))
		list(x = as.integer(x), levels = 2)
	else
		list(x = as.numeric(x), levels = 0)
}

# Distinct values in ascending order become the codes; a factor's that no row
# has are left out when it is a target.
renumber <- function(c) {
	values <- sort(unique(c$x))
	list(x = match(c$x, values) - 1, levels = length(values))
}

summary_row <- function(name, c) {
	x <- c$x
	row <- seq_along(x)[!is.na(x)]
	x <- x[!is.na(x)]
	sprintf("{\"%s\", %d, %d, %.8g, %.8g},", name, c$levels,
		length(c$x) - length(x), sum(x), sum(x * row))
}

# As many to a line as 100 columns hold.
print_rows <- function(rows) {
	line <- ""
	for (row in rows) {
		if (nchar(line) && nchar(line) + nchar(row) > 91) {
			cat("\t", line, "\n", sep = "")
			line <- ""
		}
		line <- if (nchar(line)) paste(line, row) else row
	}
	cat("\t", line, "\n", sep = "")
}

of_target <- function(entry, c) {
	if (entry$task == "classification")
		return(renumber(c))
	if (isTRUE(entry$log_target))
		c$x <- log(c$x)
	c
}

# Columns as code() has them; features and target last.
columns_of <- function(entry) {
	frame <- read_object(entry)
	group <- entry$group
	if (!is.null(group) && !group %in% names(frame))
		group <- strsplit(group, "+", fixed = TRUE)[[1]]
	left <- c(names(entry$drop), group, entry$fold, entry$target)
	named <- setdiff(names(frame), left)
	columns <- lapply(frame[c(named, entry$target)], code)
	if (identical(entry$options$missing_target, "drop")) {
		keep <- !is.na(columns[[entry$target]]$x)
		columns <- lapply(columns, function(c) list(x = c$x[keep],
							    levels = c$levels))
	}
	for (name in intersect(entry$categorical, named))
		columns[[name]] <- renumber(columns[[name]])
	columns[[entry$target]] <- of_target(entry, columns[[entry$target]])
	columns
}

cat("/* Made by tests/make_rdata_reference.R; do not edit. */\n")
cat("#ifndef TRIARCH_RDATA_REFERENCE_H\n#define TRIARCH_RDATA_REFERENCE_H\n\n")
cat("#include <stddef.h>\n\n")
cat("/* Of the cells that are not missing; `weighted` by rows counted from 1. */\n")
cat("struct r_column {\n\tconst char *name;\n")
cat("\tsize_t levels; /* 0: a number */\n\tsize_t missing;\n")
cat("\tdouble sum, weighted;\n};\n\n")
cat("struct r_frame {\n\tconst char *name;\n\tsize_t rows;\n")
cat("\tsize_t first, n; /* r_columns; the last one is the target */\n};\n\n")
frames <- ""
n <- 0
cat("static const struct r_column r_columns[] = {\n")
for (name in names(catalog)) {
	entry <- catalog[[name]]
	if (entry$reader != "rdata")
		next
	columns <- columns_of(entry)
	cat("\t/* ", name, " */\n", sep = "")
	print_rows(mapply(summary_row, names(columns), columns))
	frames <- paste0(frames, sprintf("\t{ \"%s\", %d, %d, %d },\n", name,
					 length(columns[[1]]$x), n, length(columns)))
	n <- n + length(columns)
}
cat("};\n\nstatic const struct r_frame r_frames[] = {\n", frames, "};\n\n#endif\n", sep = "")
