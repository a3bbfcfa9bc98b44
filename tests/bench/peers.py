#!/usr/bin/python3
"""Our boosted trees beside XGBoost and scikit-learn, and our nets beside PyTorch
and scikit-learn: same data, same threads, alternately, each fit in a process of
its own.

usage: peers.py [options]            --help lists them; see also peer_child.py
       peers.py --bench nets [options]         net_cases.py and net_child.py

Pair k runs every program once, in an order that rotates with k, on the set's
seed k mod SEEDS (made sets: another draw of rows; real sets: another of our
splits). A ratio is peer / ours within a pair, so that what else the machine
does meets both; the table has its median and range. One-thread ratios are of
CPU seconds, two-thread ones of wall seconds. The accuracy band of the peers is
the range of their means over seeds.

Real sets are copied from the cache of triarch in our own splits by bench_export;
one that is not there is left out and named. c is Fashion-MNIST's pixels. The
numbers go to a JSON file with every single run in it.

A case of nets is one net on one set (--sets names cases); seeds are of its first
weights and its batches, and of made sets another draw of rows as well.
"""
import argparse
import json
import os
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # the sources' folder stays as it is
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import make_sets  # noqa: E402
import net_cases  # noqa: E402
import peer_tables  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = {"trees": ("xgb-depth6", "xgb-lossguide", "sklearn"),
         "nets": ("torch", "mlpclassifier")}
MODULES = {"xgb-depth6": "xgboost", "xgb-lossguide": "xgboost", "sklearn": "sklearn",
           "torch": "torch", "mlpclassifier": "sklearn"}
# Sets of the catalogue: their name there and the rounds they are measured with
# (fewer where a round has many trees).
REAL = {"c": ("fashion-mnist", 10), "adult": ("adult", 100), "covertype": ("covtype", 20),
        "letter": ("letter", 100), "diamonds": ("diamonds", 100)}
SETS = "a,b,c,d,e,adult,covertype,letter,diamonds"
# The learner in whose view a set of the catalogue is written for nets.
NET_VIEWS = {"mlp": "mlp", "cnn": "cnn", "image_resnet": "cnn"}
OPENBLAS = "/usr/lib/x86_64-linux-gnu/openblas-openmp"


def say(*words):
    """Progress, for people."""
    print(*words, file=sys.stderr, flush=True)


def environment(args, threads):
    """For a child: so many OpenMP threads, none of OpenBLAS (whose threads spin
    at the start and would be counted), and no choice of its kernels.

    The peers' idle threads spin, as libgomp has it by default, and ours sleep soon.
    Where other programs want the processors, spinning costs the peers up to a
    hundredfold on two threads; --passive lets theirs sleep too.

    PyTorch and scikit-learn thread within a product: for them OpenBLAS gets the
    threads, and its OpenMP build, as on the other one PyTorch is about four times
    slower on two threads than on one."""
    env = {k: v for k, v in os.environ.items()
           if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    env.update(OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS="1")
    if args.bench == "nets":
        env["OPENBLAS_NUM_THREADS"] = str(threads)
        if os.path.isdir(OPENBLAS):
            env["LD_LIBRARY_PATH"] = OPENBLAS
    if args.passive:
        env["OMP_WAIT_POLICY"] = "passive"
    return env


# --------------------------------------------------------------------- sets

def source_of(args, name, seed):
    """(the set's name for make_sets.py or the catalogue, the learner in whose view
    it is written, its seed): the catalogue's sets for nets are one for all seeds."""
    if args.bench == "trees":
        return name, "gbdt", seed
    case = net_cases.CASES[name]
    view = NET_VIEWS.get(case.learner, case.learner)
    return case.set, view, seed if case.set in make_sets.NET_SHAPES else 1


def folder_of(args, name, seed):
    """Where a set lies; smaller ones do not mix with whole ones."""
    top = args.sets_folder if args.shrink == 1 else "%s-%d" % (args.sets_folder, args.shrink)
    source, view, seed = source_of(args, name, seed)
    if args.bench == "nets" and source not in make_sets.NET_SHAPES:
        source += "-" + view
    return os.path.join(top, "%s.%d" % (source, seed))


def export(args, name, seed):
    """A set of the catalogue as files. An error's text, or None."""
    source, view, seed = source_of(args, name, seed)
    known, rounds = REAL.get(source, (source, 1))
    done = subprocess.run(
        [os.path.join(args.build, "bench_export"), args.catalog, args.cache,
         "%s=%s" % (known, name), str(seed - 1), str(rounds),
         folder_of(args, name, seed), view], capture_output=True, text=True)
    return (done.stderr.strip() or "bench_export failed") if done.returncode else None


def lacks(args, name):
    """Why this build cannot fit the case, or None."""
    learner = net_cases.CASES[name].learner
    done = subprocess.run([os.path.join(args.build, "bench_fit"), "-l", learner, "/dev/null"],
                          capture_output=True)
    return net_cases.SKIPPED % learner if done.returncode == 3 else None


def prepare(args, name):
    """Make the set's files for every seed. Why it cannot be, or None."""
    why = lacks(args, name) if args.bench == "nets" else None
    for seed in range(1, 0 if why else args.seeds + 1):
        folder = folder_of(args, name, seed)
        if os.path.exists(os.path.join(folder, "set.json")):
            continue
        say("making", folder)
        source = source_of(args, name, seed)[0]
        if source in make_sets.SHAPES or source in make_sets.NET_SHAPES:
            make_sets.write_set(os.path.dirname(folder), source, seed, args.shrink)
        else:
            why = export(args, name, seed)
            if why:
                break
    return why


# --------------------------------------------------------------------- runs

def command(args, program, threads, name, seed):
    """The child that fits `program`."""
    folder = folder_of(args, name, seed)
    if args.bench == "nets":
        return net_command(args, program, threads, name, seed)
    if program == "ours":
        options = [args.ours] if args.ours else []
        return [os.path.join(args.build, "bench_fit"), "-t", str(threads),
                "-s", str(seed), folder] + options
    return [sys.executable, os.path.join(HERE, "peer_child.py"), program,
            str(threads), folder]


def net_command(args, program, threads, name, seed):
    """The same for a case of nets."""
    case, folder = net_cases.CASES[name], folder_of(args, name, seed)
    rows = str(net_cases.rows_of(case, args.shrink))
    if program != "ours":
        return [sys.executable, os.path.join(HERE, "net_child.py"), program, name,
                str(threads), str(seed), rows, folder]
    options = case.parameters() + ("," + args.ours if args.ours else "")
    return [os.path.join(args.build, "bench_fit"), "-t", str(threads), "-s", str(seed),
            "-n", rows, "-l", case.learner, folder, options]


def add_steps(out, case):
    """Seconds a step and an epoch, from those of the fit. Ours counts a document a
    step in a bag; a step is a batch for all."""
    steps = case.epochs * -(-out["rows"] // case.batch)
    for what, n in (("step", steps), ("epoch", case.epochs)):
        out[what] = {clock: s / n for clock, s in out["fit"].items()}
    out["metric"] = case.metric


def run(args, program, threads, name, seed):
    """One fit as a dictionary; None when it failed (said on stderr)."""
    done = subprocess.run(command(args, program, threads, name, seed),
                          env=environment(args, threads), capture_output=True, text=True,
                          preexec_fn=lambda: os.nice(args.nice))
    if done.returncode:
        say("%s on %s failed: %s" % (program, name, done.stderr.strip()[-300:]))
        return None
    out = json.loads(done.stdout.strip().splitlines()[-1])
    out.update(program=program, load=os.getloadavg()[0], seed=seed)
    if args.bench == "nets":
        out["set"] = name
        add_steps(out, net_cases.CASES[name])
    return out


def run_pairs(args, programs, name, threads):
    """All fits of one set on so many threads: a list of runs with `pair`."""
    runs = []
    for pair in range(args.pairs):
        turn = pair % len(programs)
        for program in programs[turn:] + programs[:turn]:
            out = run(args, program, threads, name, pair % args.seeds + 1)
            if out:
                runs.append(dict(out, set=name, pair=pair))
    for seed in range(args.pairs + 1, args.seeds + 1):  # accuracy alone
        for program in programs if threads == args.thread_list[0] else ():
            out = run(args, program, threads, name, seed)
            if out:
                runs.append(dict(out, set=name, pair=None))
    return runs


# ------------------------------------------------------------- two threads

def busy(cpu):
    """Start a process that keeps one processor busy; the caller ends it."""
    code = "import os\nos.sched_setaffinity(0, {%d})\nwhile True: pass" % cpu
    return subprocess.Popen([sys.executable, "-c", code])


def compare_threads(args, name, loaded):
    """Ours on one and on two threads, alternately; with `loaded`, beside one
    busy process on one processor. A list of runs."""
    competitor = busy(max(os.sched_getaffinity(0))) if loaded else None
    runs = []
    try:
        for pair in range(args.pairs):
            for threads in (1, 2) if pair % 2 else (2, 1):
                out = run(args, "ours", threads, name, 1)
                if out:
                    runs.append(dict(out, set=name, pair=pair, loaded=loaded))
    finally:
        if competitor:
            competitor.terminate()
            competitor.wait()
    return runs


def two_threads(args):
    """The section on threads, for the largest made set that was asked for."""
    names = [n for n in ("a", "e", "b", "d") if n in args.set_list]
    if len(os.sched_getaffinity(0)) < 2 or not names or 2 not in args.thread_list:
        say("threads: not compared (needs two processors, a made set, --threads 1,2)")
        return []
    runs = []
    for loaded in (False, True):
        say("threads: %s%s" % (names[0], ", beside a busy process" if loaded else ""))
        runs += compare_threads(args, names[0], loaded)
    peer_tables.print_threads(runs)
    return runs


# --------------------------------------------------------------------- main

def find_peers(wanted):
    """Those that can be imported; the others are named with their package."""
    found = []
    for peer in wanted:
        package = MODULES[peer]
        try:
            __import__(package)
            __import__("sklearn.metrics")
            found.append(peer)
        except ImportError as why:
            say("without %s: %s (Debian: python3-%s)" % (peer, why, package))
    return found


def versions():
    """Of the peers that are here."""
    out = {"python": sys.version.split()[0]}
    for name in ("numpy", "xgboost", "sklearn", "torch"):
        if name in sys.modules:
            out[name] = sys.modules[name].__version__
    return out


def machine():
    """What the numbers were measured on."""
    cpu = "unknown"
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as f:
            cpu = next((line.split(":", 1)[1].strip() for line in f
                        if line.startswith("model name")), cpu)
    return {"cpu": cpu, "processors": len(os.sched_getaffinity(0)),
            "load": os.getloadavg()[0], "versions": versions(),
            "time": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())}


def arguments():
    """The command line."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    root = os.path.dirname(os.path.dirname(HERE))
    p = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    p.add_argument("--bench", choices=("trees", "nets"), default="trees")
    p.add_argument("--sets", help="%s; nets: %s" % (SETS, ",".join(net_cases.CASES)))
    p.add_argument("--peers", help="; ".join(",".join(v) for v in PEERS.values()))
    p.add_argument("--pairs", type=int, default=5, help="fits of each program and thread count")
    p.add_argument("--seeds", type=int, default=3, help="draws of rows, or splits")
    p.add_argument("--threads", default="1,2")
    p.add_argument("--shrink", type=int, default=1, help="made sets, and cases of nets, with rows / SHRINK")
    p.add_argument("--ours", default="", help="more parameters of ours, k=v,...")
    p.add_argument("--passive", action="store_true",
                   help="let the peers' idle threads sleep: for a busy machine")
    p.add_argument("--nice", type=int, default=0, help="priority of the children")
    p.add_argument("--build", default=os.path.join(root, "build", "release"))
    p.add_argument("--catalog", default=os.path.join(root, "datasets", "catalog.yaml"))
    p.add_argument("--cache", default=os.path.join(home, "triarch"))
    p.add_argument("--sets-folder", default=os.path.join(root, "build", "bench", "sets"))
    p.add_argument("--out", help="build/bench/trees.json, nets.json")
    args = p.parse_args()
    known = list(net_cases.CASES) if args.bench == "nets" else SETS.split(",")
    args.out = args.out or os.path.join(root, "build", "bench", args.bench + ".json")
    args.peers = ",".join(PEERS[args.bench]) if args.peers is None else args.peers
    args.set_list = args.sets.split(",") if args.sets else known
    args.thread_list = [int(t) for t in args.threads.split(",")]
    unknown = set(args.set_list) - set(known)
    if unknown:
        p.error("unknown sets: %s (known: %s)" % (", ".join(sorted(unknown)),
                                                  ",".join(known)))
    return args


def write(args, report):
    """After each set, so that a run that is stopped leaves what it has."""
    os.makedirs(os.path.dirname(os.path.abspath(args.out)), exist_ok=True)
    with open(args.out + ".new", "w") as f:
        json.dump(report, f, indent=1)
    os.replace(args.out + ".new", args.out)


def main():
    """See the top of the file."""
    args = arguments()
    programs = ["ours"] + find_peers([p for p in args.peers.split(",") if p])
    report = {"machine": machine(), "options": args.ours, "pairs": args.pairs,
              "passive": args.passive,
              "seeds": args.seeds, "missing": {}, "runs": [], "threads": []}
    peer_tables.print_machine(report)
    for name in args.set_list:
        why = prepare(args, name)
        if why:
            say("without %s: %s" % (name, why))
            report["missing"][name] = why
            continue
        case = net_cases.CASES.get(name) if args.bench == "nets" else None
        some = [p for p in programs if not case or p == "ours" or p in case.peers]
        for threads in args.thread_list:
            say("%s, threads: %d" % (name, threads))
            report["runs"] += run_pairs(args, some, name, threads)
        peer_tables.print_set(report["runs"], name)
        write(args, report)
    report["threads"] = two_threads(args) if args.bench == "trees" else []
    report["summary"] = peer_tables.summary(report["runs"])
    peer_tables.print_accuracy(report["runs"])
    peer_tables.print_bits(report["runs"])
    write(args, report)
    say("all runs: %s" % args.out)


if __name__ == "__main__":
    main()
