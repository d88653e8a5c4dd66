"""What was measured, as text."""

import statistics

import allocators
import compare

UNITS = {"wall_s": ("ms", 1000), "cpu_s": ("ms", 1000), "peak_kib": ("MiB", 1 / 1024)}


def cell(program, measure, name):
    """A ratio with its spread, or a dash where there is none."""
    ratios = compare.ratios(program, measure, name)
    if not ratios:
        return f"{'-':>14}"
    spread = compare.spread(ratios)
    shown = f" ±{spread:3.0f}" if spread is not None else ""
    return f"{statistics.median(ratios):9.2f}{shown:5}"


def measure_table(comparison, measure):
    """A row a program: glibc's figure, then ratios to it."""
    unit, factor = UNITS[measure]
    others = [name for name in comparison.names if name != allocators.BASE]
    title = f"{compare.MEASURES[measure]}: glibc, then ratios to it (± % spread)"
    lines = [title, f"{'':16}{allocators.BASE + ' ' + unit:>10}" + "".join(f"{n:>14}" for n in others)]
    for name, program in comparison.timed.items():
        base = program["runs"].get(allocators.BASE)
        figure = f"{factor * statistics.median(base[measure]):10.1f}" if base else f"{'-':>10}"
        lines.append(f"{name:16}{figure}" + "".join(cell(program, measure, n) for n in others))
    means = "".join(f"{comparison.mean(measure, name):9.2f}     " for name in others)
    return "\n".join(lines + [f"{'geometric mean':16}{'':10}{means}".rstrip()])


def figure_table(comparison):
    """The figures that programs print of themselves, medians."""
    lines = []
    for name, program in comparison.programs.items():
        figures = program["figures"]
        for figure in dict.fromkeys(f for found in figures.values() for f in found):
            row = "".join(
                f"{statistics.median(figures[n][figure]):12.1f}"
                if figure in figures.get(n, {})
                else f"{'-':>12}"
                for n in comparison.names
            )
            lines.append(f"{name + ' ' + figure:26}{row}")
    if lines:
        lines.insert(0, f"{'figures':26}" + "".join(f"{n:>12}" for n in comparison.names))
    return "\n".join(lines)


def target_table(found):
    """Which targets hold."""
    lines = []
    for t in found:
        verdict = "holds" if t.holds else "FAILS"
        limit = f"{'>=' if t.at_least else '<='} {t.limit:g}"
        about = f"  ({t.about})" if t.about else ""
        lines.append(f"{t.stage:8}{verdict}  {t.found:7.2f} {limit:8} {t.what}{about}")
    return "\n".join(lines)


def report(comparison):
    """All tables, and what failed."""
    parts = [measure_table(comparison, measure) for measure in compare.MEASURES]
    parts.append(figure_table(comparison))
    for stage in comparison.stages:
        parts.append(target_table(compare.targets(comparison, stage)))
    failed = [f"{p} under {name}: {what}" for p, name, what in comparison.failures()]
    if failed:
        parts.append("not in the means, as they failed:\n  " + "\n  ".join(failed))
    return "\n\n".join(part for part in parts if part)
