#!/usr/bin/python3
"""Our boosted trees beside XGBoost and scikit-learn: same data, same threads,
alternately, each fit in a process of its own.

usage: peers.py [options]            --help lists them; see also peer_child.py

Pair k runs every program once, in an order that rotates with k, on the set's
seed k mod SEEDS (made sets: another draw of rows; real sets: another of our
splits). A ratio is peer / ours within a pair, so that what else the machine
does meets both; the table has its median and range. One-thread ratios are of
CPU seconds, two-thread ones of wall seconds. The accuracy band of the peers is
the range of their means over seeds.

Real sets are copied from the cache of triarch in our own splits by bench_export;
one that is not there is left out and named. c is Fashion-MNIST's pixels. The
numbers go to a JSON file with every single run in it.
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
import peer_tables  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = ("xgb-depth6", "xgb-lossguide", "sklearn")
# Sets of the catalogue: their name there and the rounds they are measured with
# (fewer where a round has many trees).
REAL = {"c": ("fashion-mnist", 10), "adult": ("adult", 100), "covertype": ("covtype", 20),
        "letter": ("letter", 100), "diamonds": ("diamonds", 100)}
SETS = "a,b,c,d,e,adult,covertype,letter,diamonds"


def say(*words):
    """Progress, for people."""
    print(*words, file=sys.stderr, flush=True)


def environment(args, threads):
    """For a child: so many OpenMP threads, none of OpenBLAS (whose threads spin
    at the start and would be counted), and no choice of its kernels.

    The peers' idle threads spin, as libgomp has it by default, and ours sleep soon.
    Where other programs want the processors, spinning costs the peers up to a
    hundredfold on two threads; --passive lets theirs sleep too."""
    env = {k: v for k, v in os.environ.items()
           if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    env.update(OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS="1")
    if args.passive:
        env["OMP_WAIT_POLICY"] = "passive"
    return env


# --------------------------------------------------------------------- sets

def folder_of(args, name, seed):
    """Where a set lies; smaller ones do not mix with whole ones."""
    top = args.sets_folder if args.shrink == 1 else "%s-%d" % (args.sets_folder, args.shrink)
    return os.path.join(top, "%s.%d" % (name, seed))


def export(args, name, seed):
    """A set of the catalogue as files. An error's text, or None."""
    known, rounds = REAL[name]
    done = subprocess.run(
        [os.path.join(args.build, "bench_export"), args.catalog, args.cache,
         "%s=%s" % (known, name), str(seed - 1), str(rounds),
         folder_of(args, name, seed)], capture_output=True, text=True)
    return done.stderr.strip() if done.returncode else None


def prepare(args, name):
    """Make the set's files for every seed. Why it cannot be, or None."""
    for seed in range(1, args.seeds + 1):
        folder = folder_of(args, name, seed)
        if os.path.exists(os.path.join(folder, "set.json")):
            continue
        say("making", folder)
        if name in make_sets.SHAPES:
            make_sets.write_set(os.path.dirname(folder), name, seed, args.shrink)
        else:
            why = export(args, name, seed)
            if why:
                return why
    return None


# --------------------------------------------------------------------- runs

def command(args, program, threads, name, seed):
    """The child that fits `program`."""
    folder = folder_of(args, name, seed)
    if program == "ours":
        options = [args.ours] if args.ours else []
        return [os.path.join(args.build, "bench_trees"), "-t", str(threads),
                "-s", str(seed), folder] + options
    return [sys.executable, os.path.join(HERE, "peer_child.py"), program,
            str(threads), folder]


def run(args, program, threads, name, seed):
    """One fit as a dictionary; None when it failed (said on stderr)."""
    done = subprocess.run(command(args, program, threads, name, seed),
                          env=environment(args, threads), capture_output=True, text=True,
                          preexec_fn=lambda: os.nice(args.nice))
    if done.returncode:
        say("%s on %s failed: %s" % (program, name, done.stderr.strip()[-300:]))
        return None
    out = json.loads(done.stdout.strip().splitlines()[-1])
    out.update(program=program, load=os.getloadavg()[0])
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
        package = "sklearn" if peer == "sklearn" else "xgboost"
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
    for name in ("numpy", "xgboost", "sklearn"):
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
    p.add_argument("--sets", default=SETS, help=SETS)
    p.add_argument("--peers", default=",".join(PEERS))
    p.add_argument("--pairs", type=int, default=5, help="fits of each program and thread count")
    p.add_argument("--seeds", type=int, default=3, help="draws of rows, or splits")
    p.add_argument("--threads", default="1,2")
    p.add_argument("--shrink", type=int, default=1, help="made sets with rows / SHRINK")
    p.add_argument("--ours", default="", help="more parameters of ours, k=v,...")
    p.add_argument("--passive", action="store_true",
                   help="let the peers' idle threads sleep: for a busy machine")
    p.add_argument("--nice", type=int, default=0, help="priority of the children")
    p.add_argument("--build", default=os.path.join(root, "build", "release"))
    p.add_argument("--catalog", default=os.path.join(root, "datasets", "catalog.yaml"))
    p.add_argument("--cache", default=os.path.join(home, "triarch"))
    p.add_argument("--sets-folder", default=os.path.join(root, "build", "bench", "sets"))
    p.add_argument("--out", default=os.path.join(root, "build", "bench", "trees.json"))
    args = p.parse_args()
    args.set_list = args.sets.split(",")
    args.thread_list = [int(t) for t in args.threads.split(",")]
    unknown = set(args.set_list) - set(make_sets.SHAPES) - set(REAL)
    if unknown:
        p.error("unknown sets: %s (known: %s)" % (", ".join(sorted(unknown)), SETS))
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
        for threads in args.thread_list:
            say("%s, threads: %d" % (name, threads))
            report["runs"] += run_pairs(args, programs, name, threads)
        peer_tables.print_set(report["runs"], name)
        write(args, report)
    report["threads"] = two_threads(args)
    report["summary"] = peer_tables.summary(report["runs"])
    peer_tables.print_accuracy(report["runs"])
    write(args, report)
    say("all runs: %s" % args.out)


if __name__ == "__main__":
    main()
