/* Made by tests/make_gbdt_reference.py: losses on the test half. */
#define SKLEARN_SQUARED 0.720476
#define SKLEARN_LEVELS 0.705159
#define SKLEARN_LOGISTIC 0.303664
#define SKLEARN_SOFTMAX 0.915212
#define XGBOOST_SQUARED 0.715733
