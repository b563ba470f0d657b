package bench

import (
	"bytes"
	"strconv"
)

// What a snippet holds says which snippet it is and how often it was changed, and
// all the rest follows from that: "s7.2k" and a space, both numbers in base 36,
// and then letters and digits up to its length. So whoever reads contents can
// tell whether they are whole, whose they are and how old they are.

const letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"

// script makes the contents of snippets.
type script struct{ least, most int }

// append appends what snippet key holds in a version.
func (s script) append(dst []byte, key int, version uint32) []byte {
	start := len(dst)
	dst = append(dst, 's')
	dst = strconv.AppendUint(dst, uint64(key), 36)
	dst = append(dst, '.')
	dst = strconv.AppendUint(dst, uint64(version), 36)
	dst = append(dst, ' ')
	state := mix(uint64(key)<<32 | uint64(version))
	length := s.least
	if s.most > s.least {
		length += int(state % uint64(s.most-s.least+1))
	}
	for left := length - (len(dst) - start); left > 0; {
		state = mix(state)
		for word, n := state, min(left, 10); n > 0; n-- {
			dst = append(dst, letters[word&63])
			word >>= 6
			left--
		}
	}
	return dst
}

// mix is a step of a generator of random numbers (SplitMix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// parse reads which snippet and which version contents say they are.
func (script) parse(contents []byte) (key int, version uint32, ok bool) {
	head, _, ok := bytes.Cut(contents, []byte{' '})
	if !ok || len(head) < 4 || head[0] != 's' || len(head) > MinLength {
		return 0, 0, false
	}
	k, v, ok := bytes.Cut(head[1:], []byte{'.'})
	if !ok {
		return 0, 0, false
	}
	a, ok1 := base36(k)
	b, ok2 := base36(v)
	if !ok1 || !ok2 || a > 1<<31-1 || b > 1<<32-1 {
		return 0, 0, false
	}
	return int(a), uint32(b), true
}

func base36(b []byte) (n uint64, ok bool) {
	if len(b) == 0 || len(b) > 8 {
		return 0, false
	}
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			n = n*36 + uint64(c-'0')
		case c >= 'a' && c <= 'z':
			n = n*36 + uint64(c-'a') + 10
		default:
			return 0, false
		}
	}
	return n, true
}

// kindOf tells what is wrong with contents that a SHOW or an UPDATE of snippet
// key was answered: "" for nothing, if they are one of the versions from oldest
// to newest. scratch is a buffer, which is returned for the next call.
func (s script) kindOf(key int, contents []byte, oldest, newest uint32, scratch []byte) (kind string, version uint32, _ []byte) {
	if oldest == newest { // as nearly always
		if scratch = s.append(scratch[:0], key, newest); bytes.Equal(contents, scratch) {
			return "", newest, scratch
		}
	}
	k, v, ok := s.parse(contents)
	if ok {
		scratch = s.append(scratch[:0], k, v)
		whole := bytes.Equal(contents, scratch)
		switch {
		case whole && k != key, whole && v > newest:
			return Wrong, 0, scratch
		case whole && v < oldest:
			return Stale, v, scratch
		case whole:
			return "", v, scratch
		case k == key:
			return Torn, 0, scratch
		}
	}
	// What was cut off before its version could be read.
	for v, tries := newest, 0; tries < 100; v, tries = v-1, tries+1 {
		scratch = s.append(scratch[:0], key, v)
		if bytes.HasPrefix(scratch, contents) || bytes.HasSuffix(scratch, contents) {
			return Torn, 0, scratch
		}
		if v <= oldest || v == 0 {
			break
		}
	}
	return Wrong, 0, scratch
}
