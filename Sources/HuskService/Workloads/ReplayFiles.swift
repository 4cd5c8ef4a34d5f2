// Streams that a replay over HTTP reads: files under --replay-dir, and no others.

import HuskLab
import KeyStreams
import Workloads

extension Service {
    /// The stream of a replay, with its first operations read; nil for a workload of another kind. Reads a file: not for the
    /// threads that serve connections.
    func replaySource(for workload: Workload) throws(Problem) -> ReplaySource? {
        guard workload.kind == .replay else { return nil }
        guard let replayFolder else {
            throw Problem(
                .forbidden, "this server reads no files: start it with --replay-dir to replay those of a folder",
                field: "path")
        }
        let settings = workload.replay
        let file: DescriptorSource
        do throws(ReplayFolder.Refusal) { file = try replayFolder.opening(settings.path) } catch {
            throw Problem(error)
        }
        let stream: KeyStream
        do throws(KeyStreamError) {
            stream = try KeyStream(file, format: settings.format, isStrict: settings.isStrict)
        } catch {
            throw Problem(error)
        }
        let source: ReplaySource
        do throws(LabError) { source = try ReplaySource(lab, stream, settings) } catch { throw Problem(error) }
        do throws(KeyStreamError) { try source.readAhead() } catch { throw Problem(error) }
        return source
    }
}

extension Problem {
    fileprivate init(_ refusal: ReplayFolder.Refusal) {
        switch refusal {
        case .outside:
            self.init(.forbidden, "the path leads out of the folder that --replay-dir names", field: "path")
        case .unreadable(let error): self.init(error)
        }
    }

    fileprivate init(_ error: KeyStreamError) {
        self.init(.unprocessableContent, error.description, field: "path")
    }
}
