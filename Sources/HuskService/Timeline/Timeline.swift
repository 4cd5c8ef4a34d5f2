// The last hour, as samples and marks: a ring of each, filled for as long as the process lives, whatever becomes of heap and
// map. TimelineRecorder.swift fills it.
//
//     number    0   1   2   3   4   5   6   7          one count for both, so that a reader goes on where it was
//     samples   s       s   s           s
//     marks         m           m   m       m
//
// Numbers begin with the milliseconds since 1970 at the start: those of the next process are larger, so a reader that comes
// from the last one gets all that there is.
// Memory is taken whole at the start: recording changes none of the figures that it records.
// Lock: the mutex, held for the copy of some rows; never while anything is written or formatted.

import HuskSystem
import Synchronization

package final class Timeline: Sendable {
    /// What happened, at one moment.
    struct Mark: Sendable {
        enum Kind: String, CaseIterable, Sendable {
            case gc, clear, replace, `nil`, freeMemory = "free-memory", settings, go, workload, remedy, scenario
            case insert, delete
            /// Marks that came too fast, all in one.
            case more
        }

        var number = 0
        /// Since 1970.
        var milliseconds = 0
        var kind = Kind.gc
        var text = ""
        /// The client's address, or what of Husk did it; nil when nobody asked for it.
        var by: String?
    }

    /// Where a reader is: how many of each it has had, or has missed.
    struct Place: Equatable, Sendable {
        var sampleCount: Int
        var markCount: Int
    }

    enum Event: Sendable {
        /// Its number, its time, then the figures.
        case sample([UInt64])
        case mark(Mark)

        var number: Int {
            switch self {
            case .sample(let row): Int(row[0])
            case .mark(let mark): mark.number
            }
        }
    }

    private struct State: ~Copyable {
        let rows: UnsafeMutablePointer<UInt64>
        var marks: [Mark]
        /// So many there have been; the last `size` of them are there.
        var sampleCount = 0
        var markCount = 0
        var nextNumber: Int
        /// Marks since the last sample, and those of them that were too many.
        var marksInPeriod = 0
        var omitted = 0

        deinit { rows.deallocate() }
    }

    /// How many samples are kept.
    package let size: Int
    /// How many marks: as many, and some even when the samples are few.
    private let markSize: Int
    private let state: Mutex<State>
    private let listener = Mutex<@Sendable () -> Void>({})

    /// Words before the figures: number and time.
    static let headWords = 2
    private static var rowWords: Int { headWords + TimelineField.all.count }
    /// Bytes of a mark's text, and of who did it; more of it is cut off.
    private static let markTextBytes = 160
    private static let markerBytes = 64
    /// Marks between two samples; what comes on top is counted.
    static let marksPerPeriod = 100

    /// What a timeline of so many samples takes, in bytes.
    package static func byteCount(size: Int) -> Int {
        // Strings are objects of their own, with a head of 32 bytes.
        let markBytes = MemoryLayout<Mark>.stride + markTextBytes + markerBytes + 2 * 32
        return size * rowWords * 8 + max(size, 4 * marksPerPeriod) * markBytes
    }

    /// - Parameter size: samples to keep, 2 or more.
    package init(size: Int) {
        precondition(size >= 2, "\(size) samples")
        self.size = size
        markSize = max(size, 4 * Self.marksPerPeriod)
        let rows = UnsafeMutablePointer<UInt64>.allocate(capacity: size * Self.rowWords)
        rows.initialize(repeating: 0, count: size * Self.rowWords)
        state = Mutex(
            State(rows: rows, marks: Array(repeating: Mark(), count: markSize), nextNumber: wallClockMilliseconds()))
    }

    // MARK: Recording

    /// Adds a sample.
    /// - Parameter words: one for each field.
    func add(_ words: [UInt64], milliseconds: Int) {
        state.withLock { state in
            if state.omitted > 0 {
                let text = "and \(state.omitted) more since the last sample"
                state.omitted = 0
                append(Mark(milliseconds: milliseconds, kind: .more, text: text), to: &state)
            }
            state.marksInPeriod = 0
            let row = state.rows + state.sampleCount % size * Self.rowWords
            row[0] = UInt64(state.nextNumber)
            row[1] = UInt64(milliseconds)
            for (index, word) in words.enumerated() { row[Self.headWords + index] = word }
            state.nextNumber += 1
            state.sampleCount += 1
        }
    }

    /// Adds a mark, or counts it when too many come between two samples.
    func add(_ kind: Mark.Kind, _ text: String, by: String?, milliseconds: Int = wallClockMilliseconds()) {
        let mark = Mark(
            milliseconds: milliseconds, kind: kind, text: Self.shortened(text, Self.markTextBytes),
            by: by.map { Self.shortened($0, Self.markerBytes) })
        state.withLock { state in
            state.marksInPeriod += 1
            if state.marksInPeriod > Self.marksPerPeriod {
                state.omitted += 1
            } else {
                append(mark, to: &state)
            }
        }
        listener.withLock { $0 }()
    }

    /// Calls `told` from now on whenever a mark has been added, on the thread that adds it.
    func tell(_ told: @escaping @Sendable () -> Void) { listener.withLock { $0 = told } }

    private func append(_ mark: consuming Mark, to state: inout State) {
        mark.number = state.nextNumber
        state.marks[state.markCount % markSize] = mark
        state.nextNumber += 1
        state.markCount += 1
    }

    private static func shortened(_ text: String, _ limitBytes: Int) -> String {
        guard text.utf8.count > limitBytes else { return text }
        var short = ""
        for character in text {
            if short.utf8.count + character.utf8.count > limitBytes - "…".utf8.count { break }
            short.append(character)
        }
        return short + "…"
    }

    // MARK: Reading

    /// The number of the newest sample or mark; less than any before there is one.
    var lastNumber: Int { state.withLock { $0.nextNumber - 1 } }

    /// Behind everything but the newest sample.
    var newestPlace: Place {
        state.withLock { state in
            Place(sampleCount: max(0, state.sampleCount - 1), markCount: state.markCount)
        }
    }

    /// Behind the sample or mark of a number, and whether all that came after it is still there. A number that is not yet
    /// given, of a process whose clock was ahead, is as good as none: all that is kept comes after it.
    func place(after number: Int) -> (Place, isWhole: Bool) {
        state.withLock { state in
            let isKnown = number < state.nextNumber
            let number = isKnown ? number : 0
            let firstSample = max(0, state.sampleCount - size)
            let firstMark = max(0, state.markCount - markSize)
            let samples = firstIndex(firstSample..<state.sampleCount) { Int(row($0, state)[0]) > number }
            let marks = firstIndex(firstMark..<state.markCount) { state.marks[$0 % markSize].number > number }
            // The oldest of each that is kept is the next one to be overwritten: what it followed may be gone.
            let isWhole =
                isKnown && (firstSample == 0 || samples > firstSample) && (firstMark == 0 || marks > firstMark)
            return (Place(sampleCount: samples, markCount: marks), isWhole)
        }
    }

    /// The event that comes next for a reader, whose place moves on.
    /// - Returns: nil when there is none yet.
    /// - Throws: `Overtaken` when it is no longer there.
    func next(_ place: inout Place) throws(Overtaken) -> Event? {
        let event = try state.withLock { (state) throws(Overtaken) -> Event? in
            if place.sampleCount < state.sampleCount - size || place.markCount < state.markCount - markSize {
                throw Overtaken()
            }
            let sample = place.sampleCount < state.sampleCount ? row(place.sampleCount, state) : nil
            let mark = place.markCount < state.markCount ? state.marks[place.markCount % markSize] : nil
            if let mark, sample == nil || UInt64(mark.number) < sample![0] { return .mark(mark) }
            return sample.map { .sample(Array(UnsafeBufferPointer(start: $0, count: Self.rowWords))) }
        }
        switch event {
        case .sample?: place.sampleCount += 1
        case .mark?: place.markCount += 1
        case nil: break
        }
        return event
    }

    /// The ring went past a reader.
    struct Overtaken: Error {}

    /// So many events a reader has before it.
    func backlog(of place: Place) -> Int {
        state.withLock { $0.sampleCount - place.sampleCount + $0.markCount - place.markCount }
    }

    /// Samples and marks of some time, oldest first.
    struct Extract {
        /// As places in `TimelineField.all`.
        var fields: [Int]
        var count = 0
        /// Each sample's number and time, and then its `fields`.
        var words: [UInt64] = []
        var marks: [Mark] = []

        var rowWords: Int { Timeline.headWords + fields.count }

        /// A figure of a sample, by its place in `fields`.
        func word(_ sample: Int, _ field: Int) -> UInt64 { words[sample * rowWords + Timeline.headWords + field] }
        func number(_ sample: Int) -> Int { Int(words[sample * rowWords]) }
        func milliseconds(_ sample: Int) -> Int { Int(words[sample * rowWords + 1]) }
    }

    /// Copies what was recorded in a time, both ends included. O(size).
    func extract(_ times: ClosedRange<Int>, fields: [Int]) -> Extract {
        var extract = Extract(fields: fields)
        extract.words.reserveCapacity(size * extract.rowWords)
        state.withLock { state in
            for index in max(0, state.sampleCount - size)..<state.sampleCount {
                let row = row(index, state)
                guard times.contains(Int(row[1])) else { continue }
                extract.words.append(row[0])
                extract.words.append(row[1])
                for field in fields { extract.words.append(row[Self.headWords + field]) }
                extract.count += 1
            }
            for index in max(0, state.markCount - markSize)..<state.markCount {
                let mark = state.marks[index % markSize]
                if times.contains(mark.milliseconds) { extract.marks.append(mark) }
            }
        }
        return extract
    }

    private func row(_ index: Int, _ state: borrowing State) -> UnsafeMutablePointer<UInt64> {
        state.rows + index % size * Self.rowWords
    }

    /// The first of some ascending indexes for which `isBeyond` holds; their end if there is none.
    private func firstIndex(_ range: Range<Int>, _ isBeyond: (Int) -> Bool) -> Int {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if isBeyond(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
