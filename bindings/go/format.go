package tlswrap

import "fmt"

// Format writes what the certificate is made of without its key and its password, whatever the verb:
// a Config that a program logs shows neither.
func (c Certificate) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "{Chain:%s ChainFile:%q Key:%s KeyFile:%q Password:%s OCSPStaple:%s}",
		amount(c.Chain), c.ChainFile, amount(c.Key), c.KeyFile, amount(c.Password), amount(c.OCSPStaple))
}

// Format writes whose the key is, and not the key, whatever the verb.
func (k PreSharedKey) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "{Identity:%q Key:%s Context:%q SHA384:%t}", k.Identity, amount(k.Key), k.Context, k.SHA384)
}

// Format writes which side the context is for, and nothing of its Config, whatever the verb.
func (c *Context) Format(f fmt.State, _ rune) {
	if c == nil {
		fmt.Fprint(f, "<nil>")
		return
	}
	fmt.Fprintf(f, "{tlswrap.Context for a %s}", c.side())
}

// amount stands for bytes: a chain may have the key among its blocks.
func amount(data []byte) string {
	if len(data) == 0 {
		return "none"
	}
	return fmt.Sprintf("(%d bytes)", len(data))
}
