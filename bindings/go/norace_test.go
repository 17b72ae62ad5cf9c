//go:build !race

package tlswrap

const raceEnabled = false
