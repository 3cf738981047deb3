package cloudinit

import "fmt"

// Terminator is the account that nginx runs as. The service runs as another.
const Terminator = "causeway-tls"

// terminates reports whether the service speaks plain HTTP, so that something else must speak TLS for it.
func (s Service) terminates() bool { return s.HTTPPort > 0 }

// terminator sets up TLS in front of a service that does not speak it: nginx on Port, which passes everything on to
// HTTPPort of localhost, with a certificate that is made whenever it starts. For a dead service it answers 502, so
// the load balancer's health check notices.
func (s Service) terminator(w *writer) []command {
	w.template(w.view.TLSScript, "0755", "tls.tmpl")
	w.template(w.view.TLSConfiguration, "0644", "nginx.tmpl")
	w.template("/etc/systemd/system/"+s.tlsUnit(), "0644", "tls.service.tmpl")
	return []command{run("systemctl", "enable", "--now", "--no-block", s.tlsUnit())}
}

func (s Service) tlsUnit() string { return s.Name + "-tls.service" }

// listenAddress is the address that the service is told to listen on.
func (s Service) listenAddress() string {
	if s.terminates() {
		return fmt.Sprintf("127.0.0.1:%d", s.HTTPPort)
	}
	return fmt.Sprintf(":%d", s.Port)
}
