// What can be wrong with what a client asks of the lab. Nothing was changed unless a case says so.

import GoHeap
import GoMap

package enum LabError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Go: `panic: assignment to entry in nil map`.
    case mapIsNil
    /// A key or value is not one of the map's type.
    case doesNotFit(String)
    /// The operation would take the heap over its limit.
    case noRoom(neededBytes: Int, inUseBytes: Int, limitBytes: Int)
    /// `copy` was asked for, and the types differ.
    case copyNeedsSameTypes(from: String, to: String)
    /// Another client set the map to nil (`to` is nil then), or replaced it, while an operation on it was under way. What
    /// was done by then was done to the map that is gone.
    case mapReplaced(from: String, to: String?)
    /// The client that asked went away.
    case cancelled
    /// Two generations were asked for, of a map of so many shards.
    case shardsHaveNoGenerations(shards: Int)
    /// Another profile needs a heap of its own, and there is no room for one.
    case noHeap(HeapError)

    package var description: String {
        switch self {
        case .mapIsNil:
            "the map is nil: Go would panic with \"assignment to entry in nil map\"; replace it with a fresh one first"
        case .doesNotFit(let what): what
        case .noRoom(let needed, let inUse, let limit):
            "this may need \(needed) bytes more, the heap has \(inUse) in use, and may have \(limit)"
        case .copyNeedsSameTypes(let from, let to):
            "copy needs the same key and value types: the map is \(from), the fresh one would be \(to)"
        case .mapReplaced(let from, nil): "another client set the \(from) to nil meanwhile"
        case .mapReplaced(let from, let to?): "another client replaced the \(from) with a fresh \(to) meanwhile"
        case .cancelled: "the client hung up"
        case .shardsHaveNoGenerations(let shards):
            "a map of \(shards) shards has no generations: replace it with one of 1 shard first"
        case .noHeap(let error): "another profile needs a heap of its own: \(error)"
        }
    }
}
