"""The nets of `make bench BENCH=nets`: each case is one net that ours and its
peers train alike: same rows, sizes, batch, optimizer, rate and epochs, no
validation, no dropout. net_child.py has the peers' side of a case.

A case's learner that a build has not is said, and the case is left out."""


class Case:
    """What is trained on what, and what the project set out to reach."""

    def __init__(self, about, data, learner, options, rows, batch, epochs, lr, goals,
                 metric="accuracy", peers=("torch",)):
        self.about = about
        self.set = data          # of make_sets.py, or of the catalogue
        self.learner = learner   # ours
        self.options = options   # beside those that all cases share
        self.rows = rows         # the first so many are trained on
        self.batch, self.epochs, self.lr = batch, epochs, lr
        self.goals = goals       # least ratio peer / ours of seconds a step
        self.metric = metric
        self.peers = peers

    def parameters(self):
        """Ours, as k=v,..."""
        shared = "epochs=%d,lr=%g" % (self.epochs, self.lr)
        return shared + "," + self.options if self.options else shared


# As for every net of these: Adam, no decay, one rate, the last weights.
ADAM = "batch=%d,weight_decay=0,schedule=constant,patience=0"

CASES = {
    "mlp": Case(
        "784-512-256-10, batch 128, Adam, Fashion-MNIST", "fashion-mnist", "mlp",
        "layers=2,width=512,taper=0.5,dropout=0,init=pytorch," + ADAM % 128,
        60000, 128, 2, 1e-3, {"torch": 1.5, "mlpclassifier": 1.8},
        peers=("torch", "mlpclassifier")),
    "cnn": Case(
        "conv 32, conv 64, pool, 128 units, norms as ours has them; batch 128",
        "fashion-mnist", "cnn",
        "blocks=2,channels=32,pool=1,hidden=128,warmup=0," + ADAM % 128,
        12800, 128, 1, 1e-3, {"torch": 1.8}),
    "resnet": Case(
        "28 x 28, stages of 32, 64, 128 channels; batch 128", "fashion-mnist",
        "image_resnet", ADAM % 128, 6400, 128, 1, 1e-3, {"torch": 1.5}),
    "tabular": Case(
        "3 x 256, 100,000 x 50, batch 256", "t", "mlp",
        "layers=3,width=256,dropout=0,init=pytorch," + ADAM % 256,
        100000, 256, 2, 1e-3, {"torch": 1.6, "mlpclassifier": 1.8}, metric="auc",
        peers=("torch", "mlpclassifier")),
    "transformer": Case(
        "d = 128, 4 heads, 2 layers, 512 hidden, 128 words; batch 64", "s",
        "text_transformer",
        "layers=2,width=128,heads=4,hidden=512,length=128,dropout=0,word_dropout=0,"
        "warmup=0,clip=0," + ADAM % 64, 6400, 64, 1, 1e-3, {"torch": 1.8}),
    "bag": Case(
        "mean of word embeddings of 64, sparse SGD; theirs 128 documents a step, ours one",
        "s", "embedding_bag", "dim=64,buckets=0", 6400, 128, 5, 0.5, {"torch": 4}),
}
# The peer sums a step over its batch; one document a step moves as far at this rate.
MEMORY = 2  # least ratio of the whole process's peak, PyTorch / ours
SKIPPED = "there is no learner '%s' in this build"


def rows_of(case, shrink):
    """Fewer for a quick try."""
    return max(case.rows // shrink, 50)


def package_of(peer):
    """The module to import, and Debian's name for it."""
    return ("torch", "python3-torch") if peer == "torch" else ("sklearn", "python3-sklearn")
