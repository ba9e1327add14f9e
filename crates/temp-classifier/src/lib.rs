//! Thermometers: reading the temperature of spin configurations.
