// Why a scenario did not answer a table.

import GoHeap

package enum ScenarioError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A parameter is not one of the scenario's, or has a value that it does not take.
    case badParameter(name: String, problem: String)
    /// The scenario's heap would grow past what it was allowed.
    case noRoom(inUseBytes: Int, limitBytes: Int)
    /// There is no address space for a heap.
    case noHeap(HeapError)
    /// Nobody waits for the table any more.
    case cancelled

    package var description: String {
        switch self {
        case .badParameter(let name, let problem): "\(name) \(problem)"
        case .noRoom(let inUse, let limit):
            "the scenario's heap has \(inUse) bytes in use and may have \(limit): ask for fewer or smaller entries"
        case .noHeap(let error): error.description
        case .cancelled: "the scenario was cancelled"
        }
    }
}
