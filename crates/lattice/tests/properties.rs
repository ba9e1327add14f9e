//! What every lattice of every possible shape obeys.

use std::collections::{BTreeMap, BTreeSet};

use lattice::{Kind, Lattice, LatticeError};
use proptest::prelude::*;

/// Any lattice of a few hundred sites at most.
fn any_lattice() -> impl Strategy<Value = Lattice> {
    let side = 1..13usize;
    (0..Kind::ALL.len(), side.clone(), side, 1..6usize).prop_filter_map(
        "no such lattice",
        |(kind, x, y, z)| {
            let shape = match Kind::ALL[kind] {
                kind @ (Kind::Chain | Kind::None) => return Lattice::new(kind, &[x * y]).ok(),
                Kind::Cubic => vec![x.min(6), y.min(6), z],
                _ => vec![x, y],
            };
            Lattice::new(Kind::ALL[kind], &shape).ok()
        },
    )
}

/// Any lattice with geometry.
fn geometric() -> impl Strategy<Value = Lattice> {
    any_lattice().prop_filter("geometry", Lattice::has_geometry)
}

/// Bonds as a multiset of unordered pairs.
fn multiset(bonds: impl IntoIterator<Item = [u32; 2]>) -> BTreeMap<[u32; 2], usize> {
    let mut found = BTreeMap::new();
    for [a, b] in bonds {
        *found.entry([a.min(b), a.max(b)]).or_insert(0) += 1;
    }
    found
}

/// The least distance of two places over the images within a few periods, as a check on the closed forms.
fn distance_by_images(lattice: Lattice, i: usize, j: usize) -> f64 {
    let (positions, periods) = (lattice.positions(), lattice.periods());
    let range = |axis: usize| if axis < periods.len() { -13..=13i32 } else { 0..=0 };
    let mut least = f64::INFINITY;
    for n in range(0) {
        for m in range(1) {
            for o in range(2) {
                let squared: f64 = (0..3)
                    .map(|c| {
                        let shift: f64 =
                            periods.iter().zip([n, m, o]).map(|(period, n)| period[c] * f64::from(n)).sum();
                        (positions[j][c] - positions[i][c] + shift).powi(2)
                    })
                    .sum();
                least = least.min(squared.sqrt());
            }
        }
    }
    least
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn neighbours_are_mutual_and_bonds_are_half_of_them(lattice in any_lattice()) {
        let neighbours = lattice.neighbours();
        let bonds = lattice.bonds();
        prop_assert_eq!(bonds.len(), lattice.sites() * lattice.coordination() / 2);
        prop_assert_eq!(bonds.len(), lattice.bond_count());
        let directed = (0..lattice.sites() as u32)
            .flat_map(|site| neighbours.of(site as usize).iter().map(move |&other| [site, other]));
        let twice: BTreeMap<_, _> = multiset(bonds).into_iter().map(|(pair, n)| (pair, 2 * n)).collect();
        prop_assert_eq!(multiset(directed.clone()), twice.clone());
        for [a, b] in directed {
            prop_assert_ne!(a, b);
            let count = |a: u32, b: u32| neighbours.of(a as usize).iter().filter(|&&c| c == b).count();
            prop_assert_eq!(count(a, b), count(b, a));
        }
        // A bond is double along a side of 2 on hypercubic lattices, and only there.
        let doubles = twice.values().filter(|&&n| n != 2).count();
        let sides_of_two = match lattice.kind() {
            Kind::Chain | Kind::Square | Kind::Cubic => lattice.shape().iter().filter(|&&side| side == 2).count(),
            _ => 0,
        };
        prop_assert_eq!(doubles, sides_of_two * lattice.sites() / 2);
    }

    #[test]
    fn neighbours_are_at_distance_one_and_nothing_else_is(lattice in geometric()) {
        let displacements = lattice.displacements().unwrap();
        let neighbours = lattice.neighbours();
        for i in 0..lattice.sites() {
            for j in 0..lattice.sites() {
                let near = displacements.class(displacements.of(i, j)) == 1;
                prop_assert_eq!(near, neighbours.of(i).contains(&(j as u32)));
            }
        }
        prop_assert_eq!(displacements.distances()[1], 1.0);
    }

    #[test]
    fn distances_are_those_of_the_nearest_images_whatever_the_reference(lattice in geometric(), i: prop::sample::Index) {
        let displacements = lattice.displacements().unwrap();
        let i = i.index(lattice.sites());
        let mut count = vec![0; displacements.distances().len()];
        for j in 0..lattice.sites() {
            let class = displacements.class(displacements.of(i, j));
            prop_assert_eq!(class, displacements.class(displacements.of(j, i)));
            let expected = distance_by_images(lattice, i, j);
            prop_assert!((displacements.distances()[class] - expected).abs() < 1e-9, "{} {} {}", lattice, i, j);
            count[class] += 1;
        }
        prop_assert_eq!(&count, displacements.multiplicity());
        prop_assert!(displacements.distances().is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn displacements_are_what_translations_keep(lattice in geometric(), shift: [prop::sample::Index; 3]) {
        let displacements = lattice.displacements().unwrap();
        let symmetries = lattice.symmetries();
        let mut axis = 0;
        let shift = symmetries.translation(shift.map(|index| { axis += 1; index.index(lattice.sides()[axis - 1]) }));
        let old: Vec<usize> = (0..lattice.sites()).collect();
        let mut new = old.clone();
        symmetries.apply(0, shift, &old, &mut new);
        let mut pairs = vec![0; displacements.count()];
        for i in 0..lattice.sites() {
            for j in 0..lattice.sites() {
                let displacement = displacements.of(i, j);
                prop_assert_eq!(displacement, displacements.of(new[i], new[j]));
                pairs[displacement] += 1;
            }
        }
        prop_assert!(pairs.iter().all(|&n| n == displacements.pairs()));
        prop_assert_eq!(displacements.pairs(), symmetries.translations());
    }

    #[test]
    fn symmetries_take_bonds_to_bonds(lattice in any_lattice(), shift: [prop::sample::Index; 3]) {
        let symmetries = lattice.symmetries();
        let mut axis = 0;
        let shift = symmetries.translation(shift.map(|index| { axis += 1; index.index(lattice.sides()[axis - 1]) }));
        let sites: Vec<u32> = (0..lattice.sites() as u32).collect();
        let bonds = multiset(lattice.bonds());
        for operation in 0..symmetries.point_operations() {
            let mut image = sites.clone();
            symmetries.apply(operation, shift, &sites, &mut image);
            prop_assert_eq!(image.iter().collect::<BTreeSet<_>>().len(), sites.len());
            let moved = lattice.bonds().into_iter().map(|bond| bond.map(|site| image[site as usize]));
            prop_assert_eq!(multiset(moved), bonds.clone());
        }
        prop_assert_eq!(symmetries.point_operation(0), &sites);
        let square = lattice.size().is_some();
        let expected = match lattice.kind() {
            Kind::None => 1,
            Kind::Chain => 2,
            Kind::Honeycomb => 4,
            Kind::Square => if square { 8 } else { 4 },
            Kind::Triangular => if square { 12 } else { symmetries.point_operations().max(2) },
            _ => if square { 48 } else { symmetries.point_operations().max(8) },
        };
        prop_assert_eq!(symmetries.point_operations(), expected);
    }

    #[test]
    fn colours_differ_along_bonds(lattice in any_lattice()) {
        if let Some(colour) = lattice.colours() {
            prop_assert!(lattice.bonds().iter().all(|&[a, b]| colour[a as usize] != colour[b as usize]));
            prop_assert_eq!(lattice.is_bipartite(), colour.iter().all(|&c| c < 2));
        } else {
            prop_assert!(!lattice.is_bipartite());
        }
    }

    /// The power of images that are one site each is 1 everywhere; that of a sum of two waves is in their modes alone.
    #[test]
    fn waves_are_orthogonal(lattice in geometric(), a: prop::sample::Index, image in prop::collection::vec(-1.0..1.0, 300)) {
        let fourier = lattice.fourier().unwrap();
        let sites = lattice.sites();
        let image: Vec<f64> = image.iter().cycle().take(sites).copied().collect();
        let total: f64 = fourier.power(&image).iter().sum();
        let squares: f64 = image.iter().map(|v| v * v).sum();
        prop_assert!((total / (sites as f64 * squares) - 1.0).abs() < 1e-9);
        let [width, height, depth] = lattice.sides();
        let place = |site: usize| [site % width, site / width % height, site / width / height];
        let k = place(a.index(sites));
        let wave: Vec<f64> = (0..sites).map(|site| {
            let turns: f64 = place(site).iter().zip(k).zip([width, height, depth])
                .map(|((&x, k), side)| (x * k % side) as f64 / side as f64).sum();
            (std::f64::consts::TAU * turns).cos()
        }).collect();
        let power = fourier.power(&wave);
        let opposite = [0, 1, 2].map(|axis| (lattice.sides()[axis] - k[axis]) % lattice.sides()[axis]);
        for (mode, &power) in power.iter().enumerate() {
            let own = place(mode) == k || place(mode) == opposite;
            let expected = if !own { 0.0 } else if k == opposite { 1.0 } else { 0.25 } * (sites * sites) as f64;
            prop_assert!((power - expected).abs() < 1e-7 * (sites * sites) as f64);
        }
        prop_assert_eq!(fourier.multiplicity().iter().sum::<usize>(), sites);
        prop_assert_eq!((fourier.multiplicity()[0], fourier.wave_numbers()[0]), (1, 0.0));
    }

    /// Point operations of a lattice without basis turn waves into waves of the same wave number.
    #[test]
    fn shells_are_kept_by_symmetries(lattice in geometric(), image in prop::collection::vec(-1.0..1.0, 300)) {
        let fourier = lattice.fourier().unwrap();
        let symmetries = lattice.symmetries();
        let image: Vec<f64> = image.iter().cycle().take(lattice.sites()).copied().collect();
        let before = fourier.shell_power(&image);
        let mut turned = image.clone();
        for operation in 0..symmetries.point_operations() {
            symmetries.apply(operation, [0; 3], &image, &mut turned);
            let after = fourier.shell_power(&turned);
            prop_assert!(before.iter().zip(&after).all(|(a, b)| (a - b).abs() < 1e-9), "{} {}", lattice, operation);
        }
    }

    #[test]
    fn blocks_are_a_partition_into_a_lattice(lattice in any_lattice()) {
        let Ok(blocks) = lattice.blocks() else {
            let even = lattice.shape().iter().all(|side| side % 2 == 0);
            let short = lattice.shape().iter().any(|&side| side < if lattice.kind() == Kind::Triangular { 6 } else { 4 });
            prop_assert!(!even || short || matches!(lattice.kind(), Kind::None | Kind::Honeycomb));
            return Ok(());
        };
        let coarse = blocks.lattice();
        prop_assert_eq!(coarse.sites() * blocks.sites_per_block(), lattice.sites());
        let all: BTreeSet<u32> = (0..coarse.sites()).flat_map(|block| blocks.members(block).iter().copied()).collect();
        prop_assert_eq!(all.len(), lattice.sites());
        let neighbours = coarse.neighbours();
        for block in 0..coarse.sites() {
            for &site in blocks.members(block) {
                prop_assert_eq!(blocks.block_of_site()[site as usize] as usize, block);
            }
        }
        // Bonds end within a block or in one beside it; on the triangular lattice also where corners touch.
        for [a, b] in lattice.bonds() {
            let [a, b] = [a, b].map(|site| blocks.block_of_site()[site as usize]);
            prop_assert!(a == b || neighbours.of(a as usize).contains(&b));
        }
    }

    #[test]
    fn text_reads_back(lattice in any_lattice()) {
        prop_assert_eq!(lattice.to_string().parse::<Lattice>().unwrap(), lattice);
        let json = serde_json::to_string(&lattice).unwrap();
        prop_assert_eq!(json.clone(), format!("\"{lattice}\""));
        prop_assert_eq!(serde_json::from_str::<Lattice>(&json).unwrap(), lattice);
        prop_assert_eq!(Lattice::new(lattice.kind(), lattice.shape()).unwrap(), lattice);
    }
}

/// Every shape of the table in the documentation, and none else.
#[test]
fn exactly_the_shapes_of_the_table_are_possible() {
    for x in 0..9 {
        let one = |kind| Lattice::new(kind, &[x]).is_ok();
        assert_eq!((one(Kind::Chain), one(Kind::None)), (x >= 2, x >= 1));
        for y in 0..9 {
            let two = |kind| Lattice::new(kind, &[x, y]).is_ok();
            assert_eq!(two(Kind::Square), x >= 2 && y >= 2);
            assert_eq!(two(Kind::Triangular), x >= 3 && y >= 3);
            assert_eq!(two(Kind::Honeycomb), x % 2 == 0 && y % 2 == 0 && x >= 4 && y >= 2);
            assert_eq!(Lattice::new(Kind::Cubic, &[x, 3, y]).is_ok(), x >= 2 && y >= 2);
        }
    }
}

#[test]
fn refusals_name_the_cure() {
    let said = |text: &str| text.parse::<Lattice>().unwrap_err().to_string();
    assert_eq!(
        said("triangular:2"),
        "a triangular lattice cannot have L_x = 2: two sites would be joined by more than one bond; use at least 3"
    );
    assert!(
        said("honeycomb:10x5").contains("L_y = 5") && said("honeycomb:10x5").contains("next even number")
    );
    assert!(said("kagome:4").contains("use chain, square, honeycomb, triangular, cubic or none"));
    assert!(said("square").contains("write kind:shape"));
    for bad in ["square:", "square:4x", "square:+4", "square:4,4", "square:99999999999999999999"] {
        assert!(matches!(bad.parse::<Lattice>(), Err(LatticeError::Text { .. })), "{bad}");
    }
    assert!(said("square:4x4x4").contains("two sides, not 3"));
    assert_eq!("square:100000".parse::<Lattice>(), Err(LatticeError::TooManySites));
    let square: Lattice = "square:7x11".parse().unwrap();
    assert!(square.check_sites(78).unwrap_err().to_string().contains("has 77 sites, but the data have 78"));
    assert!(square.blocks().unwrap_err().to_string().contains("use even sides"));
    let none: Lattice = "none:64".parse().unwrap();
    assert!(none.displacements().is_err() && none.fourier().is_err() && none.blocks().is_err());
}

/// Distances and multiplicities around a site of the infinite lattices, from tables of shells of neighbours.
#[test]
fn first_shells_of_neighbours_are_the_known_ones() {
    let shells = |text: &str, n: usize| -> Vec<(u64, usize)> {
        let displacements = text.parse::<Lattice>().unwrap().displacements().unwrap();
        let squares = displacements.distances().iter().map(|d| (d * d).round() as u64);
        squares.zip(displacements.multiplicity().iter().copied()).take(n).collect()
    };
    assert_eq!(shells("square:20", 6), [(0, 1), (1, 4), (2, 4), (4, 4), (5, 8), (8, 4)]);
    assert_eq!(shells("triangular:20", 6), [(0, 1), (1, 6), (3, 6), (4, 6), (7, 12), (9, 6)]);
    assert_eq!(shells("honeycomb:20x12", 6), [(0, 1), (1, 3), (3, 6), (4, 3), (7, 6), (9, 6)]);
    assert_eq!(shells("cubic:10", 6), [(0, 1), (1, 6), (2, 12), (3, 8), (4, 6), (5, 24)]);
    assert_eq!(shells("chain:9", 5), [(0, 1), (1, 2), (4, 2), (9, 2), (16, 2)]);
}

/// The least wave numbers: 2π/L on a square, 4π/(√3 L) on a triangular lattice, one over the width of a honeycomb's
/// torus.
#[test]
fn least_wave_numbers_are_those_of_the_torus() {
    use std::f64::consts::TAU;
    let least = |text: &str| text.parse::<Lattice>().unwrap().fourier().unwrap().wave_numbers()[1];
    assert!((least("square:10") - TAU / 10.0).abs() < 1e-12);
    assert!((least("square:4x10") - TAU / 10.0).abs() < 1e-12);
    assert!((least("triangular:10") - 2.0 / 3f64.sqrt() * TAU / 10.0).abs() < 1e-12);
    assert!((least("honeycomb:14x8") - TAU / (14.0 * 0.75f64.sqrt())).abs() < 1e-12);
    assert!((least("honeycomb:6x8") - TAU / 12.0).abs() < 1e-12);
    let triangular = "triangular:6".parse::<Lattice>().unwrap().fourier().unwrap();
    assert_eq!(&triangular.multiplicity()[..3], [1, 6, 6]);
}
