"""Results as Markdown."""

import statistics


def fastest_rival(results, precision):
    rivals = [result for result in results if not result.ours and result.precision == precision]
    return max(rivals, key=lambda result: result.tokens_per_second, default=None)


def ours(results, precision):
    return next(result for result in results if result.ours and result.precision == precision)


def peak_of(results, precision):
    """The fastest that the register-only loop ran beside any of the runs at this precision."""
    return max(peak for result in results if result.ours and result.precision == precision for peak in result.peaks)


def speed_table(measured):
    """measured: [(model, texts, flops per token, results)]"""
    lines = ["| model | precision | program | tokens/s | texts/s | of peak | max RSS | largest difference of a probability | Hasten is faster by |",
             "|---|---|---|---|---|---|---|---|---|"]
    for model, texts, flops, results in measured:
        for result in results:
            speed = result.tokens_per_second
            settings = f" ({result.settings})" if result.settings else ""
            factor = ours(results, result.precision).tokens_per_second / speed
            lines.append(
                f"| {model} | {result.precision} | {result.program}{settings} | {speed:,.0f} "
                f"| {texts / statistics.median(result.seconds):,.0f} "
                f"| {speed * flops / peak_of(results, result.precision):.0%} | {result.peak_memory / 1e6:,.0f} MB "
                f"| {result.difference:.1e} | {factor:.2f}x |")
    return lines


def summary_table(measured):
    lines = ["| model | precision | Hasten, tokens/s | of peak | the fastest rival | Hasten is faster by |",
             "|---|---|---|---|---|---|"]
    for model, _, flops, results in measured:
        for precision in dict.fromkeys(result.precision for result in results):
            rival, mine = fastest_rival(results, precision), ours(results, precision)
            if rival is None:
                continue
            lines.append(f"| {model} | {precision} | {mine.tokens_per_second:,.0f} "
                         f"| {mine.tokens_per_second * flops / peak_of(results, precision):.0%} | {rival.program} "
                         f"| {mine.tokens_per_second / rival.tokens_per_second:.2f}x |")
    return lines


def script_table(rows):
    """rows: [(model, ours per core, the script's per core)]"""
    lines = ["| model | Hasten int8, tokens/s a core | ONNX Runtime int8, batch 1, one thread | Hasten is faster by |",
             "|---|---|---|---|"]
    return lines + [f"| {model} | {mine:,.0f} | {theirs:,.0f} | {mine / theirs:.2f}x |" for model, mine, theirs in rows]


def latency_table(rows):
    """rows: [(model, precision, threads, latencies of the programs)]"""
    lines = ["| model | precision | threads | program | p50 | p99 | Hasten is faster by (p50) |", "|---|---|---|---|---|---|---|"]
    for model, precision, threads, latencies in rows:
        mine = next(each for each in latencies if each["ours"])
        for each in latencies:
            lines.append(f"| {model} | {precision} | {threads} | {each['program']} | {each['median'] * 1e3:.2f} ms "
                         f"| {each['percentile_99'] * 1e3:.2f} ms | {each['median'] / mine['median']:.2f}x |")
    return lines
