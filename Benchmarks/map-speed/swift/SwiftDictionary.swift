// Swift's Dictionary in the same loops. Its keys are Strings made beforehand, but for inserting, where the map keeps them.

import GoMap

func measureIntegerDictionary(_ keys: KeySet<IntegerKeys>) {
    let count = keys.inserted.count
    var map: [Int64: Int64] = [:]
    func key(_ keys: IntegerKeys, _ index: Int) -> Int64 { Int64(bitPattern: keys.key(index).word) }
    func insert(_ keys: IntegerKeys) {
        for index in 0..<count { map[key(keys, index)] = Int64(index) }
    }
    func fill() {
        if map.count < count { insert(keys.inserted) }
    }
    func find(_ keys: IntegerKeys) {
        var sum: Int64 = 0
        for index in 0..<count { sum &+= map[key(keys, index)] ?? 0 }
        sink &+= UInt64(bitPattern: sum)
    }
    if count > allCasesLimit {
        map = .init(minimumCapacity: count)
        measure("hit", count, prepare: fill) { find(keys.used) }
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
    measure("hit", count, prepare: fill) { find(keys.used) }
    measure("miss", count, prepare: fill) { find(keys.missing) }
    measure("update", count, prepare: fill) { insert(keys.used) }
    measure("iterate", count, prepare: fill) {
        var sum: Int64 = 0
        for (key, value) in map { sum &+= key ^ value }
        sink &+= UInt64(bitPattern: sum)
    }
    measure("delete", count, prepare: fill) {
        for index in 0..<count { map.removeValue(forKey: key(keys.used, index)) }
    }
    measure("clear", count, prepare: fill) { map.removeAll(keepingCapacity: true) }
}

func measureStringDictionary(_ keys: KeySet<TextKeys>) {
    let count = keys.inserted.count
    var map: [String: Int64] = [:]
    func string(_ keys: TextKeys, _ index: Int) -> String {
        String(decoding: keys.key(index).bytes, as: UTF8.self)
    }
    func strings(_ keys: TextKeys) -> [String] { (0..<count).map { string(keys, $0) } }
    func insert(_ keys: TextKeys) {
        for index in 0..<count { map[string(keys, index)] = Int64(index) }
    }
    func fill() {
        if map.count < count { insert(keys.inserted) }
    }
    func find(_ keys: [String]) {
        var sum: Int64 = 0
        for key in keys { sum &+= map[key] ?? 0 }
        sink &+= UInt64(bitPattern: sum)
    }
    let used = strings(keys.used)
    if count > allCasesLimit {
        map = .init(minimumCapacity: count)
        measure("hit", count, prepare: fill) { find(used) }
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
    measure("hit", count, prepare: fill) { find(used) }
    measure("miss", count, prepare: fill) { find(missing) }
    measure("update", count, prepare: fill) { insert(keys.used) }
    measure("iterate", count, prepare: fill) {
        var sum: Int64 = 0
        for (key, value) in map { sum &+= Int64(key.utf8.count) ^ value }
        sink &+= UInt64(bitPattern: sum)
    }
    measure("delete", count, prepare: fill) {
        for key in used { map.removeValue(forKey: key) }
    }
    measure("clear", count, prepare: fill) { map.removeAll(keepingCapacity: true) }
}
