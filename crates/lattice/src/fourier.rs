//! Plane waves, in shells of equal wave number.

use std::f64::consts::TAU;

use crate::{Kind, Lattice, LatticeError};

/// The N plane waves exp(i k · r) on the lattice, k = 2π (p / L_x, q / L_y, …) in the lattice's coordinates, and their
/// wave numbers |k|, the least of all k that are the same wave on the sites. On the honeycomb lattice r is the place
/// without the zigzag of the rows, so that the N waves are orthogonal there as well.
///
/// Modes are numbered like the sites, p fastest.
#[derive(Debug, Clone, PartialEq)]
pub struct Fourier {
    sides: [usize; 3],
    shell: Vec<u32>,
    square: Vec<u64>,
    wave_number: Vec<f64>,
    multiplicity: Vec<usize>,
    /// exp(2πi j / L) for each axis.
    waves: [Vec<(f64, f64)>; 3],
}

impl Fourier {
    /// The shell of each mode, \[sites\]: its place in [`Fourier::wave_numbers`].
    pub fn shells(&self) -> &[u32] {
        &self.shell
    }

    /// |k| of each shell, ascending from 0, in units of the inverse distance between neighbours.
    pub fn wave_numbers(&self) -> &[f64] {
        &self.wave_number
    }

    /// |k|² of each shell as an integer, in units that only depend on the lattice: p² + q² on a square of equal sides.
    pub fn squares(&self) -> &[u64] {
        &self.square
    }

    /// The number of modes of each shell.
    pub fn multiplicity(&self) -> &[usize] {
        &self.multiplicity
    }

    /// |Σ_r image(r) exp(−i k · r)|² of each mode, \[sites\]. The sum over modes is N Σ_r image(r)².
    ///
    /// # Panics
    ///
    /// If the image has not one value per site.
    pub fn power(&self, image: &[f64]) -> Vec<f64> {
        assert_eq!(image.len(), self.shell.len(), "one value per site");
        let mut values: Vec<(f64, f64)> = image.iter().map(|&value| (value, 0.0)).collect();
        let mut line = Vec::new();
        let mut stride = 1;
        for (&side, wave) in self.sides.iter().zip(&self.waves) {
            if side > 1 {
                for start in (0..values.len()).filter(|start| start / stride % side == 0) {
                    line.clear();
                    line.extend((0..side).map(|j| values[start + j * stride]));
                    for k in 0..side {
                        let mut sum = (0.0, 0.0);
                        for (j, &(re, im)) in line.iter().enumerate() {
                            let (cosine, sine) = wave[k * j % side];
                            sum.0 += re * cosine + im * sine;
                            sum.1 += im * cosine - re * sine;
                        }
                        values[start + k * stride] = sum;
                    }
                }
            }
            stride *= side;
        }
        values.into_iter().map(|(re, im)| re * re + im * im).collect()
    }

    /// The power of each shell as a fraction of all of it, \[shells\]; zeros of an image of zeros.
    ///
    /// # Panics
    ///
    /// If the image has not one value per site.
    pub fn shell_power(&self, image: &[f64]) -> Vec<f64> {
        let mut of_shell = vec![0.0; self.square.len()];
        let mut total = 0.0;
        for (power, &shell) in self.power(image).into_iter().zip(&self.shell) {
            of_shell[shell as usize] += power;
            total += power;
        }
        if total > 0.0 {
            of_shell.iter_mut().for_each(|value| *value /= total);
        }
        of_shell
    }
}

impl Lattice {
    /// The plane waves of the lattice.
    ///
    /// ```
    /// let fourier = "square:3".parse::<lattice::Lattice>()?.fourier()?;
    /// assert_eq!((fourier.squares(), fourier.multiplicity()), (&[0, 1, 2][..], &[1, 4, 4][..]));
    /// assert!((fourier.shell_power(&[1.0; 9])[0] - 1.0).abs() < 1e-12);
    /// # Ok::<(), lattice::LatticeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the sites have no geometry.
    pub fn fourier(&self) -> Result<Fourier, LatticeError> {
        self.need_geometry("waves")?;
        let common = self.sides().into_iter().fold(1, |m, side| m / divisor(m, side) * side) as u64;
        let squares: Vec<u64> =
            (0..self.sites()).map(|mode| self.squared_wave_number(common, self.coordinates(mode))).collect();
        let mut square = squares.clone();
        square.sort_unstable();
        square.dedup();
        let shell: Vec<u32> = squares.iter().map(|s| square.partition_point(|o| o < s) as u32).collect();
        let mut multiplicity = vec![0; square.len()];
        shell.iter().for_each(|&shell| multiplicity[shell as usize] += 1);
        let unit = match self.kind() {
            Kind::Triangular => 4.0 / 3.0,
            Kind::Honeycomb => 4.0 / 9.0,
            _ => 1.0,
        };
        let wave_number = square.iter().map(|&s| TAU / common as f64 * (unit * s as f64).sqrt()).collect();
        let waves = self.sides().map(|side| {
            let angle = |j: usize| TAU * j as f64 / side as f64;
            (0..side).map(|j| (angle(j).cos(), angle(j).sin())).collect()
        });
        Ok(Fourier { sides: self.sides(), shell, square, wave_number, multiplicity, waves })
    }

    /// |k|² of the nearest images over (2π / common)², over 4/3 on the triangular and 4/9 on the honeycomb lattice, where
    /// (in units of 2π) the reciprocal vectors of the axes are 2/√3 long with 120° between them, and 2/√3 and 2/3 long.
    fn squared_wave_number(&self, common: u64, mode: [usize; 3]) -> u64 {
        let sides = self.sides();
        let fraction = |axis: usize| mode[axis] as u64 * (common / sides[axis] as u64);
        let nearest = |axis: usize| fraction(axis).min(common - fraction(axis)).pow(2);
        match self.kind() {
            Kind::Triangular => {
                let (u, v, common) = (fraction(0) as i64, fraction(1) as i64, common as i64);
                let images = [(u, v), (u - common, v), (u, v - common), (u - common, v - common)];
                images.into_iter().map(|(u, v)| u * u + v * v - u * v).min().unwrap_or(0) as u64
            }
            Kind::Honeycomb => 3 * nearest(0) + nearest(1),
            _ => (0..3).map(nearest).sum(),
        }
    }
}

/// The greatest common divisor.
fn divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { divisor(b, a % b) }
}
