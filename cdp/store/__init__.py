"""The tables: `platform` are the platform's own, `tables` those of a catalogue, `engine` opens the database."""
