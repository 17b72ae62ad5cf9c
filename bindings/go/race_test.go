//go:build race

package tlswrap

const raceEnabled = true
