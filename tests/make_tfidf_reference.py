#!/usr/bin/python3
"""Write tests/tfidf_reference.h: TF-IDF rows as scikit-learn 1.2.1 has them.

usage: make_tfidf_reference.py > tests/tfidf_reference.h
"""
import unicodedata

from sklearn.feature_extraction.text import TfidfVectorizer

TRAIN = [
    "a person who acts on a stage",
    "the act of acting on a stage or in a film",
    "a plant with red flowers and a woody stem",
    "a woody plant; the stem of a woody plant is red, red, red",
    "the state of being ill",
    "ILL: in a bad state of health",
    "a large animal with four legs",
    "a small animal with two legs (not four legs)",
    "Caf\u00e9 in a street, a caf\u00e9",
    "the cafe\u0301 on the stage",
    "Stra\u00dfe or STRASSE",
    "strasse",
    "",
    "unique",
    "number 2 and number 22 and number 2",
    "number 2",
]
TEST = [
    "a red animal with red legs",
    "nothing known here",
    "",
    "the caf\u00e9 with a woody stage",
    "Number 2 stra\u00dfe",
]


def array(ctype, name, values, form):
    print(f"static const {ctype} {name}[] = {{")
    for k in range(0, len(values), 6):
        print("\t" + " ".join(form(v) + "," for v in values[k:k + 6]))
    print("};")


def texts(name, docs):
    print(f"static const char *const {name}[] = {{")
    for d in docs:
        b = "".join(chr(c) if c < 128 else f"\\{c:03o}"
                    for c in d.encode("utf-8"))
        print(f'\t"{b}",')
    print("};")


def rows(name, x):
    x.sort_indices()
    array("uint64_t", f"{name}_start", x.indptr, str)
    array("uint32_t", f"{name}_index", x.indices, str)
    array("double", f"{name}_value", x.data, lambda v: f"{v:.10f}")


def main():
    fold = lambda s: unicodedata.normalize("NFKC", s).casefold()
    v = TfidfVectorizer(preprocessor=fold, token_pattern=r"(?u)[^\W_]+",
                        ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    train, test = v.fit_transform(TRAIN), v.transform(TEST)
    print("/* Made by tests/make_tfidf_reference.py (scikit-learn 1.2.1). */")
    print("#include <stdint.h>\n")
    texts("ref_texts", TRAIN + TEST)
    print(f"#define REF_TRAIN {len(TRAIN)}\n#define REF_TEST {len(TEST)}")
    print(f"#define REF_COLS {train.shape[1]}")
    rows("ref_train", train)
    rows("ref_test", test)


if __name__ == "__main__":
    main()
