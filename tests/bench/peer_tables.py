"""Tables of peers.py: ratios with their spread, and bands of accuracy."""
import statistics

import net_cases

# What the project set out to reach: least ratio of CPU seconds, XGBoost / ours,
# on one thread. c has XGBoost's binning in it, so it is of whole fits.
GOALS = {("a", "xgb-depth6"): 2.4, ("a", "xgb-lossguide"): 3.5,
         ("b", "xgb-depth6"): 2.1, ("b", "xgb-lossguide"): 3.5,
         ("c", "xgb-depth6"): 7, ("c", "xgb-lossguide"): 9,
         ("d", "xgb-depth6"): 3.5, ("d", "xgb-lossguide"): 9,
         ("e", "xgb-depth6"): 4.2, ("e", "xgb-lossguide"): 6.5}
FLOORS = {"a": .8085, "b": .7815, "c": .862, "d": .765, "e": .793}
WHOLE = {"a": 800000, "b": 80000, "c": 60000, "d": 4000, "e": 400000}  # rows
PHASES = ("boosting", "binning", "fit", "predict")
NET_PHASES = ("step", "epoch", "fit", "predict")


def phases_of(runs):
    """What is timed; a run of a net has steps."""
    return NET_PHASES if runs and "step" in runs[0] else PHASES


def sizes_of(runs):
    """What is measured in MiB: a fit's growth, and a net's whole process."""
    return ("memory", "peak") if runs and "step" in runs[0] else ("memory",)


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
    return run[what + "_mib"] if what in ("memory", "peak") else run[what][clock]


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


def is_whole(runs, name):
    """Goals and floors are of whole sets."""
    whole = net_cases.CASES[name].rows if name in net_cases.CASES else WHOLE.get(name)
    return all(r["rows"] == whole for r in runs)


def net_goals(name, peer):
    """{what: least ratio} of a case's peer."""
    goals = net_cases.CASES[name].goals
    return {"step": goals[peer], **({"peak": net_cases.MEMORY} if peer == "torch" else {})}


def net_goal(name, peer, found):
    """As goal(), on any number of threads."""
    return "  " + "; ".join(
        "goal %s %.1f: %s" % (what, least,
                              "met" if statistics.median(found[what]) >= least else "missed")
        for what, least in net_goals(name, peer).items() if found.get(what))


def goal(name, peer, found, threads):
    """Text on the goal of a pair of programs, or nothing."""
    if "step" in found:
        return net_goal(name, peer, found)
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
    phases, sizes = phases_of(runs), sizes_of(runs)
    print_line("", "threads", *["ms a step" if p == "step" else "%s s" % p for p in phases],
               *["%s MiB" % s for s in sizes], "rows/s")
    for program in names_of(runs):
        own = [r for r in runs if r["program"] == program and r["pair"] is not None]
        if not own:
            continue
        middle = [statistics.median(cost(r, w, clock) for r in own) * (1000 if w == "step" else 1)
                  for w in phases + sizes]
        speed = statistics.median(r["test_rows"] / max(r["predict"][clock], 1e-9) for r in own)
        print_line(program, threads, *["%.3f" % m for m in middle[:len(phases)]],
                   *["%.1f" % m for m in middle[len(phases):]], "%.0f" % speed)


def print_ratios(runs, name, threads):
    """peer / ours of everything that is measured."""
    clock = clock_of(threads)
    measured = phases_of(runs) + sizes_of(runs)
    for peer in names_of(runs)[1:]:
        found = {w: ratios(runs, peer, w, clock) for w in measured}
        print_line(peer + " /", "ours", *[spread(found[w]) for w in measured],
                   goal(name, peer, found, threads) if is_whole(runs, name) else "")


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
    metric = here[0].get("metric") or metric_of(here[0]["classes"])
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
                if name in FLOORS and is_whole([r for r in runs if r["set"] == name], name):
                    note += "; floor %.4f: %s" % (
                        FLOORS[name], "met" if statistics.mean(v) >= FLOORS[name] else "missed")
            print("%-10s %-9s %-14s %.4f (%.4f..%.4f)  %d seed%s  %s" %
                  (name, found["metric"], program, statistics.mean(v), min(v), max(v),
                   len(v), "s" * (len(v) > 1), note))


# ------------------------------------------------------------------ threads

def print_bits(runs):
    """Do nets that were trained on one and on two threads predict the same bits?"""
    ours = [r for r in runs if r["program"] == "ours" and "step" in r]
    for name in dict.fromkeys(r["set"] for r in ours):
        here = [r for r in ours if r["set"] == name]
        digests = {(r["seed"], r["digest"]) for r in here}
        if len({r["threads"] for r in here}) > 1:
            print("%s: same bits on %s threads: %s" % (
                name, " and ".join(str(t) for t in sorted({r["threads"] for r in here})),
                "yes" if len(digests) == len({r["seed"] for r in here}) else "NO"))


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
                       for w in phases_of(some) + sizes_of(some)}
                for peer in names_of(some)[1:]}
            if "step" in some[0]:
                out[name].setdefault("goals", {})[threads] = goals_met(
                    name, out[name]["ratios"][threads])
    return out


def goals_met(name, ratios_of):
    """{peer: {what: {"least": ratio, "met": bool}}} by the medians."""
    return {peer: {what: {"least": least, "met": found[what][1] >= least}
                   for what, least in net_goals(name, peer).items() if found[what]}
            for peer, found in ratios_of.items()}


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
