package world

// seed makes the zones that exist before any program runs.
func (w *World) seed() error {
	return nil
}
