"""Tables of peers.py: ratios with their spread, and bands of accuracy."""
import statistics

# What the project set out to reach: least ratio of CPU seconds, XGBoost / ours,
# on one thread. c has XGBoost's binning in it, so it is of whole fits.
GOALS = {("a", "xgb-depth6"): 2.4, ("a", "xgb-lossguide"): 3.5,
         ("b", "xgb-depth6"): 2.1, ("b", "xgb-lossguide"): 3.5,
         ("c", "xgb-depth6"): 7, ("c", "xgb-lossguide"): 9,
         ("d", "xgb-depth6"): 3.5, ("d", "xgb-lossguide"): 9,
         ("e", "xgb-depth6"): 4.2, ("e", "xgb-lossguide"): 6.5}
FLOORS = {"a": .8085, "b": .7815, "c": .862, "d": .765, "e": .793}
PHASES = ("boosting", "binning", "fit", "predict")


def print_line(*cells):
    """The first two cells to the left, the others to the right."""
    print("%-14s %-8s" % cells[:2] + "".join(" %19s" % c for c in cells[2:]), flush=True)


def spread(values, form="%.2f"):
    """median (least .. most)"""
    if not values:
        return "-"
    return "%s (%s..%s)" % tuple(form % v for v in (
        statistics.median(values), min(values), max(values)))


def cost(run, what, clock):
    """Seconds of a phase, or MiB."""
    return run["memory_mib"] if what == "memory" else run[what][clock]


def names_of(runs):
    """The programs in order of appearance, ours first."""
    return sorted({r["program"] for r in runs}, key=lambda p: (p != "ours", p))


def ratios(runs, peer, what, clock):
    """peer / ours, one for each pair that both finished."""
    at = {(r["program"], r["pair"]): cost(r, what, clock)
          for r in runs if r["pair"] is not None}
    return [at[peer, k] / at["ours", k] for p, k in sorted(at)
            if p == peer and at.get(("ours", k), 0) > 0]


def clock_of(threads):
    """CPU time tells less of a program whose idle threads spin."""
    return "cpu" if threads == 1 else "wall"


def goal(name, peer, found, threads):
    """Text on the goal of a pair of programs, or nothing."""
    if threads != 1 or (name, peer) not in GOALS:
        return ""
    least = GOALS[name, peer]
    value = found["fit" if name == "c" else "boosting"]
    if not value:
        return ""
    met = statistics.median(value) >= least
    return "  goal %.1f%s: %s" % (least, " (fit)" if name == "c" else "",
                                  "met" if met else "missed")


def print_costs(runs, threads):
    """Seconds, MiB and rows a second of each program, medians."""
    clock = clock_of(threads)
    print_line("", "threads", *["%s s" % p for p in PHASES], "memory MiB", "rows/s")
    for program in names_of(runs):
        own = [r for r in runs if r["program"] == program and r["pair"] is not None]
        middle = [statistics.median(cost(r, w, clock) for r in own)
                  for w in PHASES + ("memory",)]
        speed = statistics.median(r["test_rows"] / max(r["predict"][clock], 1e-9) for r in own)
        print_line(program, threads, *["%.3f" % m for m in middle[:-1]],
                   "%.1f" % middle[-1], "%.0f" % speed)


def print_ratios(runs, name, threads):
    """peer / ours of everything that is measured."""
    clock = clock_of(threads)
    for peer in names_of(runs)[1:]:
        found = {w: ratios(runs, peer, w, clock) for w in PHASES + ("memory",)}
        print_line(peer + " /", "ours", *[spread(found[w]) for w in PHASES + ("memory",)],
                   goal(name, peer, found, threads))


def print_set(runs, name):
    """All that was measured on one set."""
    here = [r for r in runs if r["set"] == name]
    for threads in sorted({r["threads"] for r in here}):
        some = [r for r in here if r["threads"] == threads]
        one = some[0]
        print("\n%s: %d x %d rows, %d thread%s, %s seconds" %
              (name, one["rows"], one["cols"], threads, "s" * (threads > 1), clock_of(threads)))
        print_costs(some, threads)
        if "ours" in names_of(some):
            print_ratios(some, name, threads)


# ----------------------------------------------------------------- accuracy

def metric_of(classes):
    """RMSE for a number, AUC for two classes, accuracy for more."""
    return {0: "rmse", 2: "auc"}.get(classes, "accuracy")


def by_seed(runs, program, metric):
    """{seed: value}; a program gives the same on any number of threads."""
    return {r["seed"]: r["metrics"][metric] for r in runs if r["program"] == program}


def verdict(mean, band, metric):
    """Where our mean lies against the least and most of the peers' means."""
    sign = -1 if metric == "rmse" else 1
    low, high = sorted(sign * b for b in band)
    return ("above" if sign * mean > high else
            "inside" if sign * mean >= low else "below")


def accuracy(runs, name):
    """The bands of one set as a dictionary."""
    here = [r for r in runs if r["set"] == name]
    metric = metric_of(here[0]["classes"])
    values = {p: list(by_seed(here, p, metric).values()) for p in names_of(here)}
    means = {p: statistics.mean(v) for p, v in values.items()}
    band = [m for p, m in means.items() if p != "ours"]
    out = {"metric": metric, "values": values, "means": means}
    if band and "ours" in means:
        out["band"] = [min(band), max(band)]
        out["verdict"] = verdict(means["ours"], out["band"], metric)
    return out


def print_accuracy(runs):
    """One line a set and program: mean, range over seeds, verdict."""
    print("\naccuracy on test rows: mean (range) over seeds; ours against the peers' means")
    for name in dict.fromkeys(r["set"] for r in runs):
        found = accuracy(runs, name)
        for program, v in found["values"].items():
            note = ""
            if program == "ours":
                note = found.get("verdict", "")
                if name in FLOORS:
                    note += "; floor %.4f: %s" % (
                        FLOORS[name], "met" if statistics.mean(v) >= FLOORS[name] else "missed")
            print("%-10s %-9s %-14s %.4f (%.4f..%.4f)  %d seed%s  %s" %
                  (name, found["metric"], program, statistics.mean(v), min(v), max(v),
                   len(v), "s" * (len(v) > 1), note))


# ------------------------------------------------------------------ threads

def print_threads(runs):
    """Our wall seconds on one thread over those on two, and whether the bits
    are the same."""
    print("\ntwo threads: wall seconds of our boosting and fit, 1 thread / 2 threads")
    for loaded in (False, True):
        some = [r for r in runs if r["loaded"] == loaded]
        found = {}
        for what in ("boosting", "fit"):
            at = {(r["threads"], r["pair"]): r[what]["wall"] for r in some}
            found[what] = [at[1, k] / at[2, k] for t, k in sorted(at)
                           if t == 2 and (1, k) in at]
        load = max([r["load"] for r in some] or [0])
        print("%-28s boosting %s   fit %s   load average up to %.1f" %
              ("beside a busy process" if loaded else "alone",
               spread(found["boosting"]), spread(found["fit"]), load))
    print("same bits: %s" % ("yes" if len({r["digest"] for r in runs}) == 1 else "NO"))


# ------------------------------------------------------------------ summary

def summary(runs):
    """For the JSON file: {set: {threads: {peer: {phase: [least, median, most]}}}}
    and the accuracy of each set."""
    out = {}
    for name in dict.fromkeys(r["set"] for r in runs):
        here = [r for r in runs if r["set"] == name]
        out[name] = {"accuracy": accuracy(runs, name), "ratios": {}}
        for threads in sorted({r["threads"] for r in here}):
            some = [r for r in here if r["threads"] == threads]
            out[name]["ratios"][threads] = {
                peer: {w: three(ratios(some, peer, w, clock_of(threads)))
                       for w in PHASES + ("memory",)}
                for peer in names_of(some)[1:]}
    return out


def three(values):
    """[least, median, most], or None."""
    return [min(values), statistics.median(values), max(values)] if values else None


def print_machine(report):
    """Numbers without the machine that made them say nothing."""
    m = report["machine"]
    print("%s, %d processors, load %.2f; %s; %d pairs, %d seeds" %
          (m["cpu"], m["processors"], m["load"],
           ", ".join("%s %s" % v for v in m["versions"].items()),
           report["pairs"], report["seeds"]))
