"""What came of a run, in words and tables."""

from __future__ import annotations

from tests.benchmarks.studio.load.ledger import Ledger, spread
from tests.benchmarks.studio.load.server import Server

MOST = 30  # lines of one kind


def report(server: Server, ledger: Ledger, probed: dict[str, list[float]], failures: list[str]) -> None:
    """Print it. probed: seconds of the probe's answers by kind."""
    print(
        f"\n| {'answers, ms':<20} |  count | median |    p95 |    p99 |    max |\n|{'-' * 22}|{'|'.join(5 * ['-' * 8])}|"
    )
    times = {**dict(sorted(ledger.times.items())), **{f"probe: {kind}": found for kind, found in probed.items()}}
    for kind, found in times.items():
        print(f"| {kind:<20} | {len(found):6} | {spread(found)} |")
    print("slowest:", ", ".join(f"{path} {1000 * seconds:.0f} ms" for seconds, path in ledger.slowest[:6]))
    print(
        f"\n| {'memory, MB (PSS)':<20} | after 30 s | at the end |   most |\n|{'-' * 22}|{'-' * 12}|{'-' * 12}|{'-' * 8}|"
    )
    for name, weights in sorted(server.memory.items()):
        early = next((value for at, value in weights if at > weights[0][0] + 30), weights[-1][1])
        print(f"| {name:<20} | {early:10.0f} | {weights[-1][1]:10.0f} | {max(value for _, value in weights):6.0f} |")
    spent = [
        f"{name} {sum(server.processor[key] for key in server.processor if key[0] == name):.0f}"
        for name in server.memory
    ]
    print(f"\nCPU seconds: {', '.join(spent)}; requests: {sum(ledger.statuses.values())}")
    print(f"seconds of each start: {', '.join(f'{seconds:.1f}' for seconds in server.started)}")
    print(f"processes that outlived their server: {server.orphans}")
    print(f"jobs: {len(ledger.accepted)} accepted, {len(ledger.unsure)} unsure, {len(ledger.cancelled)} cancelled")
    print(f"stars: {len(ledger.starred)}; uploads cut off: {ledger.cut}; requests whose server was away: {ledger.lost}")
    print(f"events read: {ledger.events['read']}")
    print("statuses:", {f"{kind} {status}": number for (kind, status), number in sorted(ledger.statuses.items())})
    for error, number in ledger.errors.most_common(MOST):
        print(f"  {number} x {error}")
    print(f"FAILURES: {len(failures)}" if failures else "nothing lost, everything whole")
    for line in failures[:MOST]:
        print(f"  {line}")
