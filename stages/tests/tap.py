"""Prints test results in TAP: a plan, then a line a test."""


def report(results):
    """Print (name, faults) pairs as TAP; a test with faults has failed, and
    each fault is printed below it. Returns the exit status."""
    results = list(results)
    print(f"1..{len(results)}")
    for number, (name, faults) in enumerate(results, 1):
        print("not ok" if faults else "ok", number, "-", name)
        for line in "\n".join(faults).splitlines():
            print("#", line)
    return any(faults for _, faults in results)
