// What GET /runtime says: the settings, and in words what is worth knowing about them.

import GoHeap
import GoMap
import HuskLab

struct RuntimeReport: Equatable, Sendable {
    var settings: LabSettings
    /// How many times as fast as the wall clock the runtime's clock runs.
    var timeScale: Double
    /// Sentences.
    var notes: [String]
}

extension Lab {
    func runtimeReport() -> RuntimeReport { runtimeReport(settings) }

    func runtimeReport(_ settings: LabSettings) -> RuntimeReport {
        RuntimeReport(
            settings: settings, timeScale: timeScale,
            notes: Self.notes(settings, layout: report().statistics.layout, timeScale: timeScale))
    }

    private static func notes(_ settings: LabSettings, layout: MapLayout, timeScale: Double) -> [String] {
        var notes: [String] = []
        if settings.runtime.madvise == .free {
            notes.append(
                "With madvise free, released memory stays in the process's RSS until the kernel is short of memory: "
                    + "HeapReleased rises and RSS does not fall, as with Go 1.12 to 1.15.")
        }
        if timeScale != 1 {
            let scale = timeScale.rounded() == timeScale ? "\(Int(timeScale))" : "\(timeScale)"
            notes.append(
                "The runtime's clock runs \(scale) times as fast as the wall clock: forced collections, scavenge "
                    + "periods, idle ages, and the periods of checks come sooner by as much. What is measured in CPU "
                    + "time is real.")
        }
        if settings.runtime.gcPercent == nil {
            let limited = settings.runtime.memoryLimitBytes != nil && settings.profile.hasMemoryLimit
            notes.append(
                limited
                    ? "With gogc off, only the memory limit, POST /gc and POST /free-memory start collections."
                    : "With gogc off, only POST /gc and POST /free-memory collect: not even the forced collection does."
            )
        }
        if settings.runtime.memoryLimitBytes != nil && !settings.profile.hasMemoryLimit {
            notes.append("Go \(settings.profile.rawValue) knows no memory limit: it came with Go 1.19.")
        }
        if settings.runtime.scavenger == .off {
            notes.append("With the scavenger off, idle memory goes back only when somebody asks for it.")
        }
        for futile in [Remedy.Kind.gc, .freeMemory, .clear]
        where settings.checks.contains(where: {
            $0.policy.does.kind == futile && $0.policy.when.retainedBytes != nil
        }) {
            notes.append(
                "The remedy \(futile.rawValue) frees nothing of what the map retains, so it is applied again "
                    + "at every period; copy does.")
        }
        if layout != settings.profile.mapLayout {
            notes.append(
                "The map has the layout \(layout.rawValue), and maps of Go \(settings.profile.rawValue) are "
                    + "\(settings.profile.mapLayout.rawValue): a layout stays until POST /map/replace-with-fresh names another "
                    + "or another Go starts over.")
        }
        return notes
    }
}
