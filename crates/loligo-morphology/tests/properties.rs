//! Laws that hold for every tree.

use loligo_morphology::{AxonStub, Branch, Instantiated, Morphology, Point, SwcOptions};
use proptest::prelude::*;

/// Points of a random tree: type, position, radius, and which earlier point is the parent.
type Nodes = Vec<(i32, [f64; 3], f64, prop::sample::Index)>;

fn nodes() -> impl Strategy<Value = Nodes> {
    let kind = prop_oneof![4 => 2..5, 1 => Just(1), 1 => Just(0)];
    let coordinate = -100.0..100.0f64;
    let node = (
        kind,
        prop::array::uniform3(coordinate),
        0.1..10.0f64,
        any::<prop::sample::Index>(),
    );
    prop::collection::vec(node, 1..40)
}

/// The parent of every node; near ones are likelier, so that branches have several points.
fn parents(nodes: &Nodes) -> Vec<Option<usize>> {
    (0..nodes.len())
        .map(|index| {
            let before = index.checked_sub(1)?;
            let back = if nodes[index].3.index(3) == 0 {
                nodes[index].3.index(8)
            } else {
                0
            };
            Some(before.saturating_sub(back))
        })
        .collect()
}

/// The tree as SWC, with the given ids, its lines in the given order.
fn swc(nodes: &Nodes, id: impl Fn(usize) -> usize, order: &[usize]) -> String {
    let parents = parents(nodes);
    let line = |&index: &usize| {
        let (kind, [x, y, z], radius, _) = &nodes[index];
        let parent = parents[index].map_or("-1".to_string(), |parent| id(parent).to_string());
        format!("{} {kind} {x} {y} {z} {radius} {parent}\n", id(index))
    };
    order.iter().map(line).collect()
}

fn in_order(nodes: &Nodes) -> String {
    swc(
        nodes,
        |index| index + 1,
        &(0..nodes.len()).collect::<Vec<_>>(),
    )
}

fn read(text: &str) -> Morphology {
    Morphology::parse_swc(text, "random", &SwcOptions::default()).unwrap()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-11 * a.abs().max(b.abs())
}

fn points() -> impl Strategy<Value = Vec<Point>> {
    let point = (prop::array::uniform3(-50.0..50.0f64), 0.1..10.0f64);
    let point = point.prop_map(|([x, y, z], radius)| Point::new(x, y, z, radius));
    prop::collection::vec(point, 2..12)
}

proptest! {
    #[test]
    fn compartments_sum_to_their_branch(points in points(), count in 1usize..30) {
        let branch = Branch::new(None, 3, points).unwrap();
        let whole = branch.compartments(1).unwrap()[0];
        let parts = branch.compartments(count).unwrap();
        let sum = |of: fn(&loligo_morphology::CompartmentGeometry) -> f64| parts.iter().map(of).sum::<f64>();
        prop_assert!(close(sum(|part| part.length), branch.length()));
        prop_assert!(close(sum(|part| part.area), whole.area));
        prop_assert!(close(sum(|part| part.volume), whole.volume));
        prop_assert!(close(sum(|part| part.radius * part.length), whole.radius * whole.length));
        prop_assert!(close(
            sum(|part| part.resistance_in + part.resistance_out),
            whole.resistance_in + whole.resistance_out
        ));
        for part in &parts {
            prop_assert!(part.area > 0.0 && part.volume > 0.0 && part.resistance_in > 0.0);
        }
    }

    #[test]
    fn a_branch_backwards_is_the_same(points in points(), count in 1usize..10) {
        let forwards = Branch::new(None, 3, points.clone()).unwrap().compartments(count).unwrap();
        let backwards = Branch::new(None, 3, points.into_iter().rev().collect()).unwrap();
        let backwards = backwards.compartments(count).unwrap();
        for (a, b) in forwards.iter().zip(backwards.iter().rev()) {
            prop_assert!(close(a.area, b.area) && close(a.volume, b.volume));
            prop_assert!(close(a.resistance_in, b.resistance_out) && close(a.resistance_out, b.resistance_in));
        }
    }

    #[test]
    fn more_points_on_a_frustum_change_nothing(points in points(), fraction in 0.01..0.99f64) {
        let whole = Branch::new(None, 3, points.clone()).unwrap();
        let mut more = points;
        let (a, b) = (more[0], more[1]);
        let between = |a: f64, b: f64| a + fraction * (b - a);
        more.insert(
            1,
            Point::new(between(a.x, b.x), between(a.y, b.y), between(a.z, b.z), between(a.radius, b.radius)),
        );
        let finer = Branch::new(None, 3, more).unwrap();
        for (a, b) in whole.compartments(3).unwrap().iter().zip(finer.compartments(3).unwrap()) {
            prop_assert!(close(a.area, b.area) && close(a.volume, b.volume));
            prop_assert!(close(a.resistance_in, b.resistance_in));
        }
    }

    #[test]
    fn order_and_numbers_of_the_lines_do_not_matter(
        (nodes, order) in nodes().prop_flat_map(|nodes| {
            let order: Vec<usize> = (0..nodes.len()).collect();
            (Just(nodes), Just(order).prop_shuffle())
        })
    ) {
        let plain = read(&in_order(&nodes));
        let shuffled = read(&swc(&nodes, |index| 7 + 3 * index * index, &order));
        prop_assert_eq!(plain.branches, shuffled.branches);
    }

    #[test]
    fn parents_come_before_children_and_children_start_at_their_parents(nodes in nodes()) {
        let cell = read(&in_order(&nodes));
        for (index, branch) in cell.branches.iter().enumerate() {
            match branch.parent {
                None => prop_assert_eq!(index, 0),
                Some(to) => {
                    prop_assert!(to.branch < index);
                    if cell.branches[to.branch].kind != 1 {
                        let end = cell.branches[to.branch].at(to.at);
                        prop_assert_eq!(branch.points()[0].position(), end.position());
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_printed_is_read_again(nodes in nodes()) {
        let cell = read(&in_order(&nodes));
        let again = read(&cell.to_swc());
        prop_assert_eq!(cell.branches.len(), again.branches.len());
        for (a, b) in cell.branches.iter().zip(&again.branches) {
            prop_assert_eq!(&a.name, &b.name);
            prop_assert_eq!(a.parent.map(|to| to.branch), b.parent.map(|to| to.branch));
            prop_assert!((a.parent.map_or(0.0, |to| to.at) - b.parent.map_or(0.0, |to| to.at)).abs() < 1e-12);
            prop_assert_eq!(a.points().len(), b.points().len());
            for (p, q) in a.points().iter().zip(b.points()) {
                // a sphere is turned into a point and back
                prop_assert!(p.distance(q) < 1e-12 && p.radius == q.radius);
            }
        }
    }

    #[test]
    fn shorter_branches_are_the_same_cell(nodes in nodes(), longest in 5.0..100.0f64) {
        let text = in_order(&nodes);
        let whole = read(&text);
        let options = SwcOptions { max_branch_len: Some(longest), ..SwcOptions::default() };
        let cut = Morphology::parse_swc(&text, "random", &options).unwrap();
        let (a, b) = (whole.statistics(), cut.statistics());
        prop_assert!(close(a.length, b.length) && close(a.area, b.area) && close(a.volume, b.volume));
        prop_assert!(close(a.farthest, b.farthest));
        for branch in &cut.branches {
            prop_assert!(branch.length() <= longest * (1.0 + 1e-12));
        }
    }

    #[test]
    fn distances_there_are_distances_back(
        nodes in nodes(),
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
    ) {
        let cell = read(&in_order(&nodes));
        let counts = vec![1; cell.branches.len()];
        let (from, to) = (from.index(counts.len()), to.index(counts.len()));
        let there = cell.path_distances(from, 0.5, &counts).unwrap()[to][0];
        let back = cell.path_distances(to, 0.5, &counts).unwrap()[from][0];
        prop_assert!((there - back).abs() < 1e-9);
        prop_assert_eq!(cell.path_distances(from, 0.5, &counts).unwrap()[from][0], 0.0);
        let direct = cell.direct_distances(from, 0.5, &counts).unwrap()[to][0];
        prop_assert!((direct - cell.direct_distances(to, 0.5, &counts).unwrap()[from][0]).abs() < 1e-9);
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in "([0-9]{1,2}|-1|[ \n#.e]|nan|1e308|é){0,80}") {
        let _ = Morphology::parse_swc(&text, "noise", &SwcOptions::default());
        let _ = Morphology::parse_import3d(&text, "noise", Instantiated::AtTopLevel);
    }

    #[test]
    fn no_pieces_of_a_neurolucida_file_make_the_reader_panic(
        pieces in prop::collection::vec(
            prop_oneof![
                8 => (0..4i32, 0..4i32, 1..3i32).prop_map(|(x, y, d)| format!("({x} {y} 1 {d})")),
                8 => prop::sample::select(vec![
                    "(\"CellBody\"", "((Axon)", "((", "(", ")", "|", "<", ">", "(Dot (1 2))", "Normal", "\"a\"", "7",
                ])
                .prop_map(str::to_string),
            ],
            0..60,
        )
    ) {
        let text = pieces.join(" ");
        if let Ok(cell) = Morphology::parse_asc(&text, "noise", Instantiated::AtTopLevel) {
            let stub = AxonStub { at: 1.0, sections: vec![(30.0, 0.5)] };
            let _ = cell.with_axon_stub(&stub);
            let _ = cell.to_swc();
        }
    }

    #[test]
    fn no_graph_of_points_makes_the_readers_panic(
        rows in prop::collection::vec((0..12i64, 0..6i32, 0..3i32, 0..3i32, -1..12i64), 1..12)
    ) {
        let text: String = rows
            .iter()
            .map(|(id, kind, x, radius, parent)| format!("{id} {kind} {x} 0 0 {radius} {parent}\n"))
            .collect();
        for roots in [
            loligo_morphology::Roots::Single,
            loligo_morphology::Roots::Choose(1),
            loligo_morphology::Roots::Join,
        ] {
            let options = SwcOptions { roots, min_radius: Some(0.5), max_branch_len: Some(0.7) };
            if let Ok(cell) = Morphology::parse_swc(&text, "noise", &options) {
                let _ = cell.to_swc();
                let _ = cell.braille(loligo_morphology::Plane::Xy, 5, 3);
            }
        }
        let _ = Morphology::parse_import3d(&text, "noise", Instantiated::InPythonObject);
    }
}
