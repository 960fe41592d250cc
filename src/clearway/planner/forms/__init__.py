"""Plans of a form that people can follow: few routes, one way out of each junction, waves, reserves."""
