"""How a model is trained."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """Settings of a run; those the paper gives are the defaults, the others were tuned.

    Attributes:
        seed: of weights, windows and draws.
        steps: the most that are made.
        batch_size: windows a step; the paper's 16.
        learning_rate: of Adam; the paper's 3e-4.
        gradient_norm: at which gradients are clipped.
        window_min_s: shots of the shortest window.
        window_max_s: of the longest.
        gifs_per_video: ground truths a window.
        evaluate_every: steps between two looks at the validation videos.
        patience: looks without a better score after which training stops.
        ridge_penalty: of the regression in the projection.
        interest: scale of that regression's column beside what shots look like.
        test_fold: of the data set's five; nothing is chosen by it. The next one stops training.
    """

    seed: int = 0
    steps: int = 200
    batch_size: int = 16
    learning_rate: float = 3e-4
    gradient_norm: float = 1.0
    window_min_s: int = 32
    window_max_s: int = 64
    gifs_per_video: int = 4
    evaluate_every: int = 20
    patience: int = 5
    ridge_penalty: float = 40.0
    interest: float = 3.0
    test_fold: int = 0
