package compare

import (
	"math"
	"math/rand/v2"
	"slices"
)

// changes returns for each figure by how much the change from a to b, as a
// logarithm, may be off: what 1,000 draws from both were off, sorted. Draws that
// make no figure are left out.
func changes(a, b *sample, quantiles []float64) [][]float64 {
	r := rand.New(rand.NewPCG(1, 2)) // the same files give the same result
	wholeA, wholeB := a.whole(quantiles), b.whole(quantiles)
	driftA, driftB := a.drifts(wholeA), b.drifts(wholeB)
	tallyA, tallyB := make([]float64, len(a.times)), make([]float64, len(b.times))
	out := make([][]float64, 1+len(quantiles))
	for range resamples {
		drawnA, drawnB := a.draw(r, tallyA, quantiles), b.draw(r, tallyB, quantiles)
		for i := range out {
			offA := driftA[i].factor * math.Log(drawnA[i]/wholeA[i])
			offB := driftB[i].factor * math.Log(drawnB[i]/wholeB[i])
			if d := offB - offA; !math.IsNaN(d) && !math.IsInf(d, 0) {
				out[i] = append(out[i], d*widening(min(driftA[i].parts, driftB[i].parts)))
			}
		}
	}
	for _, d := range out {
		slices.Sort(d)
	}
	return out
}

// drift is what the slices of a run depend on each other beyond a block.
type drift struct {
	factor float64 // that deviations are too small by
	parts  float64 // as many measurements that know nothing of each other the run is worth
}

// drifts returns the drift of each figure.
func (s *sample) drifts(whole figures) []drift {
	var out []drift
	for i, value := range whole {
		pull := make([]float64, len(s.slices))
		if i == 0 {
			for j, p := range s.slices {
				pull[j] = p.done - value*p.seconds
			}
		} else {
			s.beyond(pull, value)
		}
		out = append(out, s.drift(pull))
	}
	return out
}

// beyond sets pull to how many times of each slice are longer than value, more
// than its share: that is what pulls a percentile up or down.
func (s *sample) beyond(pull []float64, value float64) {
	var total, beyond float64
	for j, p := range s.slices {
		pull[j] = 0
		for _, c := range p.counts {
			if float64(s.times[c.at]) > value {
				pull[j] += c.n
			}
		}
		beyond += pull[j]
		total += p.total
	}
	for j, p := range s.slices {
		pull[j] -= p.total * beyond / max(total, 1)
	}
}

// drift returns what follows from how much slices pull a figure, in the order of
// time. It takes that for the sum of something that fades from slice to slice by a
// constant factor, and of chance in each slice: the simplest that real runs look
// like. The correlation of neighbours tells how much of the first there is, and
// that of the next but one, and the one behind it, how fast it fades.
func (s *sample) drift(pull []float64) drift {
	n, length := float64(len(pull)), s.blockLength()
	covariance := covariances(pull, max(length, 4))
	if covariance[0] == 0 {
		return drift{1, n / float64(length)}
	}
	near, next, third := correlation(covariance, 1, n), correlation(covariance, 2, n), correlation(covariance, 3, n)
	fades := near
	if near > 1/math.Sqrt(n) { // else it may as well be chance, and so may the others
		fades = min(max(fades, (next+third)/(near+next)), 0.97)
	}
	ratio := 1 + 2*near/(1-fades) // the variance of a sum over that of independent slices
	seen := covariance[0]
	for k := 1; k < length; k++ {
		seen += 2 * (1 - float64(k)/float64(length)) * covariance[k]
	}
	d := drift{1, max(2, min(float64(len(pull)/length), n/ratio))}
	if all := covariance[0] * ratio; seen > 0 && all > seen {
		d.factor = math.Sqrt(all / seen)
	}
	return d
}

// covariances returns the covariance of values with those k places further on, for
// k from 0 to below most.
func covariances(x []float64, most int) []float64 {
	var mean float64
	for _, v := range x {
		mean += v / float64(len(x))
	}
	out := make([]float64, most)
	for k := range min(most, len(x)) {
		for i := k; i < len(x); i++ {
			out[k] += (x[i] - mean) * (x[i-k] - mean) / float64(len(x))
		}
	}
	return out
}

// correlation returns the correlation at a distance in a series of n values,
// without the amount by which it comes out too low in a short one (Kendall 1954);
// 0 if it is below.
func correlation(covariance []float64, distance int, n float64) float64 {
	near := max(0, covariance[1]/covariance[0])
	return min(max(0, covariance[distance]/covariance[0]+(1+3*near)/n), 0.97)
}

// widening returns the factor by which what was drawn varies too little. Of n
// parts the mean square of deviations is (n-1)/n of what it should be, and since
// it is itself a guess, Student's distribution takes the normal one's place.
func widening(n float64) float64 { return math.Sqrt(n/(n-1)) * student(n-1) / normal }

// normal is what 97.5 % of a normal distribution do not exceed, in standard
// deviations.
const normal = 1.959964

// student returns the same of Student's distribution with so many degrees of
// freedom: the first terms of its expansion in their inverse. That is right to 1 %
// from 3 degrees on, and a fourth too low for 1.
func student(freedom float64) float64 {
	const z = normal
	const z3, z5, z7 = z * z * z, z * z * z * z * z, z * z * z * z * z * z * z
	return z + (z3+z)/4/freedom + (5*z5+16*z3+3*z)/96/(freedom*freedom) + (3*z7+19*z5+17*z3-15*z)/384/(freedom*freedom*freedom)
}

// interval returns where the true change lies with a probability of 95 %, if the
// measured one is change and deviations is sorted; nil if there are too few.
func interval(change float64, deviations []float64) *Interval {
	if len(deviations) < resamples*9/10 {
		return nil
	}
	at := func(q float64) Bound {
		return Bound((1+change)*math.Exp(deviations[int(q*float64(len(deviations)-1)+0.5)]) - 1)
	}
	return &Interval{at(0.025), at(0.975)}
}
