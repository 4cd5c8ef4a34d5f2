// Where the operations of a workload come from. The same source with the same seed gives the same operations, whatever the pace.

import GoMap
import HuskLab
import KeyStreams

/// What a source has to say after it has filled a batch.
package enum SourceStep: Equatable, Sendable {
    /// There is more of this round.
    case goesOn
    /// The round is over: the next operation is of the next one.
    case roundEnds
    /// There is nothing more.
    case ends
    /// The next operation is due so many seconds after the first round began; before that there is no use in asking.
    case waits(untilSeconds: Double)
    /// After these operations the map is cleared: `clear(m)`.
    case clears
}

/// A source that cannot go on, in words.
package struct SourceError: Error, Equatable, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}

/// Gives operations round by round. Round 0 fills the map: as fast as it goes, and in no figure of the costs. Used by one thread.
package protocol OperationSource: AnyObject {
    /// Whether it has a round 0; if not, its first operation is of round 1.
    var fillsFirst: Bool { get }

    /// Simulated seconds that have passed, of a source whose clock is not the wall's.
    var simulatedSeconds: Double? { get }

    /// The type of the map that its keys and values are for, if they were made for one before the run's map was looked at.
    var mapType: MapTypeName? { get }

    /// What has been read of a stream, if that is where the operations come from.
    var streamTally: StreamTally? { get }

    /// Appends operations of the round that is under way.
    ///
    /// - Parameters:
    ///   - batch: is empty. Keys and values are good until the next call.
    ///   - limit: the most to append; 1 or more.
    ///   - seconds: since the first round began.
    /// - Throws: `SourceError` when it cannot go on.
    func fill(_ batch: OperationBatch, limit: Int, seconds: Double) throws(SourceError) -> SourceStep
}

extension OperationSource {
    package var mapType: MapTypeName? { nil }
    package var streamTally: StreamTally? { nil }
}
