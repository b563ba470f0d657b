package cache

// UnderWay returns the number of keys with which something goes on.
func (h *Handler) UnderWay() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.keys)
}

// UnderWay returns the number of keys with which something goes on.
func (h *RemoteHandler) UnderWay() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.keys)
}
