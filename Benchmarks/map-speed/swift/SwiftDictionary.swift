// Swift's Dictionary in the same loops. Its keys are Strings made beforehand, but for inserting, where the map keeps them.

import GoMap

func measureIntegerDictionary(_ keys: KeySet<IntegerKeys>) {
    let count = keys.inserted.count
    var map: [Int64: Int64] = [:]
    func key(_ keys: IntegerKeys, _ index: Int) -> Int64 { Int64(bitPattern: keys.key(index).word) }
    func insert(_ keys: IntegerKeys) {
        for index in 0..<count { map[key(keys, index)] = Int64(index) }
    }
    func find(_ keys: IntegerKeys) {
        var sum: Int64 = 0
        for index in 0..<count { sum &+= map[key(keys, index)] ?? 0 }
        sink &+= UInt64(bitPattern: sum)
    }
    if count > allCasesLimit {
        map = .init(minimumCapacity: count)
        insert(keys.inserted)
        measure("hit", count) { find(keys.used) }
        return
    }
    measure("insert-presized", count) {
        map = .init(minimumCapacity: count)
        insert(keys.inserted)
    }
    measure("insert-growing", count) {
        map = [:]
        insert(keys.inserted)
    }
    measure("hit", count) { find(keys.used) }
    measure("miss", count) { find(keys.missing) }
    measure("update", count) { insert(keys.used) }
    measure("iterate", count) {
        var sum: Int64 = 0
        for (key, value) in map { sum &+= key ^ value }
        sink &+= UInt64(bitPattern: sum)
    }
    measure("delete", count, prepare: { insert(keys.inserted) }) {
        for index in 0..<count { map.removeValue(forKey: key(keys.used, index)) }
    }
    measure("clear", count, prepare: { insert(keys.inserted) }) { map.removeAll(keepingCapacity: true) }
}

func measureStringDictionary(_ keys: KeySet<TextKeys>) {
    let count = keys.inserted.count
    var map: [String: Int64] = [:]
    func strings(_ keys: TextKeys) -> [String] { (0..<count).map { String(decoding: keys.key($0).bytes, as: UTF8.self) } }
    func insert(_ keys: TextKeys) {
        for index in 0..<count { map[String(decoding: keys.key(index).bytes, as: UTF8.self)] = Int64(index) }
    }
    func find(_ keys: [String]) {
        var sum: Int64 = 0
        for key in keys { sum &+= map[key] ?? 0 }
        sink &+= UInt64(bitPattern: sum)
    }
    let used = strings(keys.used)
    if count > allCasesLimit {
        map = .init(minimumCapacity: count)
        insert(keys.inserted)
        measure("hit", count) { find(used) }
        return
    }
    let missing = strings(keys.missing)
    measure("insert-presized", count) {
        map = .init(minimumCapacity: count)
        insert(keys.inserted)
    }
    measure("insert-growing", count) {
        map = [:]
        insert(keys.inserted)
    }
    measure("hit", count) { find(used) }
    measure("miss", count) { find(missing) }
    measure("update", count) { insert(keys.used) }
    measure("iterate", count) {
        var sum: Int64 = 0
        for (key, value) in map { sum &+= Int64(key.utf8.count) ^ value }
        sink &+= UInt64(bitPattern: sum)
    }
    measure("delete", count, prepare: { insert(keys.inserted) }) {
        for key in used { map.removeValue(forKey: key) }
    }
    measure("clear", count, prepare: { insert(keys.inserted) }) { map.removeAll(keepingCapacity: true) }
}
