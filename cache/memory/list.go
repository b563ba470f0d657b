package memory

// node is an entry's place in a list. Each entry has one for each list it is
// in, so that no list allocates.
type node struct {
	prev, next *node
	entry      *entry // nil for a list's root
}

// list is a ring of nodes, from the front to the back and through the root.
type list struct{ root node }

func (l *list) init() { l.root.prev, l.root.next = &l.root, &l.root }

// back returns the last entry, and nil if there is none.
func (l *list) back() *entry { return l.root.prev.entry }

func (l *list) pushFront(n *node) {
	n.prev, n.next = &l.root, l.root.next
	n.prev.next, n.next.prev = n, n
}

func (l *list) moveToFront(n *node) {
	if l.root.next == n {
		return
	}
	n.unlink()
	l.pushFront(n)
}

func (n *node) unlink() {
	n.prev.next, n.next.prev = n.next, n.prev
}
