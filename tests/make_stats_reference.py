#!/usr/bin/python3
"""Make tests/stats_reference.h with SciPy (made with 1.10.1)."""
import scipy.special as special
import scipy.stats as stats

print("/* Made by tests/make_stats_reference.py with SciPy; do not edit. */")
print("static const struct { double p, df, t; } reference_quantile[] = {")
for df in (1, 2, 3, 4, 9, 29, 100, 2.5, 1000):
    for p in (0.6, 0.95, 0.975, 0.995, 0.025):
        print(f"\t{{ {p}, {df}, {stats.t.ppf(p, df):.16g} }},")
print("};")
print("static const struct { double a, b, x, i; } reference_beta[] = {")
for a, b in ((0.5, 0.5), (2, 3), (10, 0.5), (0.5, 30), (50, 60)):
    for x in (0.01, 0.3, 0.5, 0.9):
        print(f"\t{{ {a}, {b}, {x}, {special.betainc(a, b, x):.16g} }},")
print("};")
sample = [0.886, 0.8912, 0.8843, 0.8871, 0.9001]
lo, hi = stats.t.interval(0.95, len(sample) - 1, stats.tmean(sample), stats.sem(sample))
print(f"static const double reference_sample[] = {{ {', '.join(map(str, sample))} }};")
print(f"static const double reference_lo = {lo:.16g}, reference_hi = {hi:.16g};")
print(f"static const double reference_sd = {stats.tstd(sample):.16g};")
print(f"static const double reference_gmean = {stats.gmean(sample):.16g};")
