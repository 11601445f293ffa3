//! Transformations of the plane.

/// `x' = a x + c y + e`, `y' = b x + d y + f`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Matrix(pub(super) [f32; 6]);

impl Matrix {
    pub(super) const UNIT: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    pub(super) fn shift(x: f32, y: f32) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// First this, then the other.
    pub(super) fn then(self, other: Self) -> Self {
        let [a, b, c, d, e, f] = self.0;
        let [oa, ob, oc, od, oe, of] = other.0;
        Self([
            a * oa + b * oc,
            a * ob + b * od,
            c * oa + d * oc,
            c * ob + d * od,
            e * oa + f * oc + oe,
            e * ob + f * od + of,
        ])
    }

    fn apply(self, [x, y]: [f32; 2]) -> [f32; 2] {
        let [a, b, c, d, e, f] = self.0;
        [a * x + c * y + e, b * x + d * y + f]
    }

    /// How high something of height 1 becomes.
    pub(super) fn height(self) -> f32 {
        self.0[2].hypot(self.0[3])
    }

    /// Two points in the system that is turned by right angles so that text runs from left to right; none where it runs
    /// askew, as watermarks do.
    pub(super) fn upright(self, from: [f32; 2], to: [f32; 2]) -> Option<(u8, [f32; 2], [f32; 2])> {
        let (a, b) = (self.0[0], self.0[1]);
        let is_small = |part: f32, other: f32| part.abs() <= other.abs() * 0.1;
        let turn = match () {
            () if is_small(b, a) && a > 0.0 => 0,
            () if is_small(a, b) && b > 0.0 => 1,
            () if is_small(b, a) && a < 0.0 => 2,
            () if is_small(a, b) && b < 0.0 => 3,
            () => return None,
        };
        let turned = |[x, y]: [f32; 2]| match turn {
            0 => [x, y],
            1 => [y, -x],
            2 => [-x, -y],
            _ => [-y, x],
        };
        let (from, to) = (turned(self.apply(from)), turned(self.apply(to)));
        let is_sane = [from[0], from[1], to[0]].iter().all(|part| part.is_finite() && part.abs() < 1.0e6);
        is_sane.then_some((turn, from, to))
    }
}
