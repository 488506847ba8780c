"""Views: a request and the policy become a plan; this package compiles and opens nothing."""
