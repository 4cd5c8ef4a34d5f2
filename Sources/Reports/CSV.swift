// Every sample of every run, a line each. (RFC 4180, with line feeds alone as most tools write it)

extension Report {
    var csv: String {
        var text =
            "remedy,go,state,seconds,round,operations,HeapAlloc,HeapInuse,HeapIdle,HeapReleased,HeapSys,RSS,NumGC,"
            + "retainedBytes,len,slots\n"
        for run in runs {
            let head = "\(Escaping.csv(run.remedy)),\(Escaping.csv(run.go)),\(run.state.rawValue),"
            for sample in run.samples {
                let figures = [
                    sample.round, sample.operations, sample.heapAlloc, sample.heapInuse, sample.heapIdle,
                    sample.heapReleased, sample.heapSys, sample.rss, sample.collections, sample.retained, sample.len,
                    sample.slots,
                ]
                text += head + "\(sample.seconds)," + figures.map(String.init).joined(separator: ",") + "\n"
            }
        }
        return text
    }
}
