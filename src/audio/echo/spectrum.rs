//! Spectra of sound, and the way there and back.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

/// One frequency of a spectrum.
pub(super) type Bin = Complex<f32>;

/// Goes from so many samples to their spectrum and back.
pub(super) struct Fourier {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    samples: Vec<f32>,
    bins: Vec<Bin>,
    forward_scratch: Vec<Bin>,
    inverse_scratch: Vec<Bin>,
}

impl Fourier {
    /// For an even number of samples.
    pub(super) fn new(samples: usize) -> Self {
        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(samples);
        let inverse = planner.plan_fft_inverse(samples);
        Self {
            samples: forward.make_input_vec(),
            bins: forward.make_output_vec(),
            forward_scratch: forward.make_scratch_vec(),
            inverse_scratch: inverse.make_scratch_vec(),
            forward,
            inverse,
        }
    }

    /// The spectrum of what `samples` gives, and of silence after that.
    pub(super) fn spectrum(&mut self, samples: impl IntoIterator<Item = f32>, out: &mut [Bin]) {
        let given = samples.into_iter().chain(std::iter::repeat(0.0));
        for (place, sample) in self.samples.iter_mut().zip(given) {
            *place = sample;
        }
        let scratch = &mut self.forward_scratch;
        // The lengths are right, and nothing else is refused.
        let _ = self
            .forward
            .process_with_scratch(&mut self.samples, out, scratch);
    }

    /// The sound of a spectrum.
    pub(super) fn sound(&mut self, spectrum: &[Bin]) -> &[f32] {
        self.bins.copy_from_slice(spectrum);
        // Of real sound the lowest and the highest have no imaginary part.
        if let [first, .., last] = self.bins.as_mut_slice() {
            first.im = 0.0;
            last.im = 0.0;
        }
        let scratch = &mut self.inverse_scratch;
        let _ = self
            .inverse
            .process_with_scratch(&mut self.bins, &mut self.samples, scratch);
        let scale = 1.0 / self.samples.len() as f32;
        self.samples.iter_mut().for_each(|sample| *sample *= scale);
        &self.samples
    }
}
