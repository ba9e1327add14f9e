"""Does the jobs of a plan one by one and shows what each took beside what the plan expected.

    python examples/cost.py target/release/rbmflow data/experiments/cost.toml out/cost cost.png

The folder must not have the results yet. Every job gets one thread. The table that is printed is Markdown.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

STAGES = ("sample", "equation-of-state", "thermometer", "train", "flow", "weights")


def measure(program, job, folder):
    """CPU seconds, peak memory in MB and size of the result in MB of one job."""
    command = [program, *job["command"][1:], "--jobs=1", "--quiet"]
    process = subprocess.Popen(command, cwd=folder)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{job['id']} failed")
    size = (folder / job["output"]).stat().st_size
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, size / 1e6


def lattice(job, sizes):
    """L of a job: of its own settings, or of what it was made from."""
    own = re.search(r"^size = (\d+)$", job["config"], re.MULTILINE)
    inputs = (sizes[name] for name in job["command"] if name in sizes)
    sizes[job["output"]] = int(own[1]) if own else next(inputs)
    return sizes[job["output"]]


def main(program, experiment, folder, picture):
    program = os.path.abspath(program)
    plan = json.loads(subprocess.check_output([program, "plan", experiment, "--format", "json"]))
    folder = pathlib.Path(folder)
    found, sizes = {}, {}
    for job in plan["jobs"]:
        stage = job["command"][1]
        if stage not in STAGES:
            continue
        (folder / job["output"]).parent.mkdir(parents=True, exist_ok=True)
        measured = measure(program, job, folder)
        expected = (job["core_seconds"], job["memory_bytes"] / 1e6)
        # The largest of several jobs of a stage, for instance of three data sets.
        key = stage, lattice(job, sizes)
        found[key] = max(found.get(key, ((0, 0, 0), (0, 0))), (measured, expected))

    print("| stage | L | CPU time, s | expected | memory, MB | expected | result, MB |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for stage in STAGES:
        for (name, size), ((seconds, memory, result), expected) in sorted(found.items()):
            if name == stage:
                row = f"{seconds:.2f} | {expected[0]:.2f} | {memory:.0f} | {expected[1]:.0f} | {result:.2f}"
                print(f"| {stage} | {size} | {row} |")

    draw(found, picture)


def draw(found, picture):
    """CPU time and memory of each stage against L."""
    # Not before: a process counts the memory of the one that started it.
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
    for i, (axis, label) in enumerate(zip(axes, ("CPU time (s)", "peak memory (MB)"))):
        for stage, marker in zip(STAGES, "os^vDP"):
            points = sorted((size, *value) for (name, size), value in found.items() if name == stage)
            if not points:
                continue
            at = [size for size, *_ in points]
            (line,) = axis.plot(at, [measured[i] for _, measured, _ in points], marker, label=stage)
            axis.plot(at, [expected[i] for *_, expected in points], color=line.get_color(), lw=1)
        every = sorted({size for _, size in found})
        axis.set(xscale="log", yscale="log", xlabel="L", ylabel=label)
        axis.set_xticks(every, [str(size) for size in every])
        axis.minorticks_off()
        axis.grid(alpha=0.3)
    axes[1].legend(fontsize="small", title="points: measured, lines: expected", title_fontsize="small")
    figure.savefig(picture, dpi=150)


if __name__ == "__main__":
    main(*sys.argv[1:])
