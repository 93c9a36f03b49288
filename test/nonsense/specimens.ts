import type * as Library from "../../src";
import type * as Bert from "../../src/lectures/bert";
import type * as Beyond from "../../src/lectures/beyond";
import type * as Clip from "../../src/lectures/clip";
import type * as GPTLecture from "../../src/lectures/gpt";
import type * as Transformer from "../../src/lectures/transformer";
import type * as ViT from "../../src/lectures/vit";

export interface Modules {
  readonly "": typeof Library;
  readonly bert: typeof Bert;
  readonly beyond: typeof Beyond;
  readonly clip: typeof Clip;
  readonly gpt: typeof GPTLecture;
  readonly transformer: typeof Transformer;
  readonly vit: typeof ViT;
}

type Makers = Record<string, readonly (() => unknown)[]>;

/** Good values by the name of their type: every public class has some, and interfaces that are hard to guess. */
export function specimens({ "": g, bert, beyond, clip, gpt, transformer, vit }: Modules): Makers {
  const { nd, tensor } = g;
  const float = (shape: readonly number[]) => () => nd.rand(shape, { generator: new g.Generator(1) });
  const ids = (shape: readonly number[]) => () => nd.randint(0, 5, shape, { generator: new g.Generator(1) });
  const arrays = [
    float([2, 3]),
    ids([2, 3]),
    float([2, 3, 4]),
    float([3]),
    float([1, 3, 8, 8]),
    ids([3]),
    float([]),
  ];
  const tensors = arrays.map((make) => () => tensor(make() as Library.NDArray));
  const leaf = () => tensor(float([2, 3])(), { requiresGrad: true });
  const layer = () => new g.Linear(3, 2);
  const optimizer = () => new g.SGD(layer().parameters(), { lr: 0.1 });
  const chars = () =>
    g.CharTokenizer.train("the cat sat on the mat", { specialTokens: ["<pad>", "<eos>"], unkToken: "?" });
  const words = () => g.WordPiece.train(["the cat sat on the mat"], { vocabSize: 60 });
  const bpe = () => g.ByteLevelBPE.train(["the cat sat on the mat"], { vocabSize: 300 });
  const dataset = () => new g.TensorDataset(float([5, 3])(), ids([5])());
  const state = () => layer().stateDict();
  const options = { vocabSize: 9, contextLength: 8, embedDim: 6, numHeads: 2, numLayers: 1 };
  const gpt2 = { vocab_size: 9, n_positions: 8, n_embd: 6, n_layer: 1, n_head: 2 };
  const tower = {
    hidden_size: 6,
    intermediate_size: 8,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    hidden_act: "gelu",
    layer_norm_eps: 1e-5,
  };
  const text = { ...tower, vocab_size: 9, max_position_embeddings: 8, eos_token_id: 2 };
  const vision = { ...tower, image_size: 8, patch_size: 4, num_channels: 3 };
  const bertConfig = { ...tower, vocab_size: 9, max_position_embeddings: 8 };
  const clipConfig = { projection_dim: 4, text_config: text, vision_config: vision };
  const segformer = {
    num_encoder_blocks: 2,
    depths: [1, 1],
    sr_ratios: [2, 1],
    hidden_sizes: [4, 6],
    patch_sizes: [3, 3],
    strides: [2, 2],
    num_attention_heads: [1, 2],
    mlp_ratios: [1, 1],
    decoder_hidden_size: 4,
    num_labels: 3,
  };
  const yolos = { ...tower, image_size: [8, 8], patch_size: 4, num_detection_tokens: 2, num_labels: 3 };
  const objects = () => ({ classes: nd.array([1], { dtype: "int32" }), boxes: float([1, 4])() });
  const swin = {
    image_size: 16,
    patch_size: 2,
    num_channels: 3,
    embed_dim: 4,
    depths: [1, 1],
    num_heads: [1, 2],
    window_size: 4,
  };
  const resnet = { block: "basic" as const, layers: [1, 1], widths: [2, 4], stem: 2, num_classes: 3 };
  const view = () => new g.TrainingView({ totalSteps: 3 });
  const exercise = () =>
    g.exercise((x: Library.Tensor) => x.mul(2), {
      id: "twice",
      title: { en: "Twice", ru: "Дважды" },
      minutes: 1,
      forbids: [],
      checks: [g.checks.shape(inputs(), { points: 1 })],
      mutants: [],
      variants: [],
    } as never);
  const inputs = () =>
    g.seeded(
      (x: Library.Tensor) => x,
      { B: 2, T: 3 },
      ({ B, T }) => [tensor(float([B, T])())],
    );
  class Twice extends g.Module {
    forward(x: Library.Tensor): Library.Tensor {
      return x.mul(2);
    }
  }
  const facts = () =>
    gpt.PROMPT_TASKS.map((task) => ({ task, question: ["cat"], answer: ["a"], isHeldOut: false }));
  const captionWords = new clip.CaptionWords(["a cat above two dogs", "a red bus"], 5);
  /** Scenes of two captions. */
  const sceneSource = {
    spec: (generator: Library.Generator) => ({
      groups: [
        { kind: "animal", variety: generator.bernoulli([]).item() ? "cat" : "dog", colour: null, count: 1 },
      ],
      relation: null,
      light: "day",
    }),
    draw: (spec: object) => ({ ...spec, pixels: float([3, 8, 8])() }),
  } as unknown as Library.SceneSource;
  const named = (label: string) => ({ label: { en: label } });
  const lockedData = () =>
    ({
      train: ["cat", "dog", "bus"].map(named),
      heldOut: ["cow", "car"].map(named),
      features: [float([3, 6])(), float([3, 6])()],
      testTrained: float([3, 6])(),
      testNew: float([2, 6])(),
      trainTexts: float([3, 4])(),
      newTexts: float([2, 4])(),
    }) as unknown as Clip.LockedData;
  const captionBytes = g.ByteLevelBPE.train(["the cat"], {
    vocabSize: 300,
    specialTokens: ["<bos>", "<eos>"],
  });
  const resNetTower = () => new clip.ResNetTower({ size: 8, widths: [4, 8] });
  const textTower = () => new clip.TransformerTower(captionWords, 4, 1);
  const seer = {
    vocabSize: 9,
    contextLength: 8,
    embedDim: 6,
    numHeads: 2,
    numLayers: 1,
    imageSize: 8,
  };
  const anyWords = () => new beyond.AnyWords(4, 3);
  const exhibit = beyond.EXHIBITS[5];
  const blank = (side: number) => ({
    side,
    rgb: new Float32Array(3 * side * side),
    opacity: new Float32Array(side * side),
  });
  const gallery = () =>
    new beyond.Gallery(
      new Map(
        g.SOUND_KINDS.flatMap((sound) => [
          [`${sound} small`, blank(14)] as const,
          [`${sound} large`, blank(26)] as const,
        ]),
      ),
    );
  const modules: Makers = {
    Seer: [() => new beyond.Seer(seer), () => new beyond.Seer({ ...seer, eyes: "none" })],
    ConvolutionEyes: [() => new beyond.ConvolutionEyes(6)],
    ViTEyes: [() => new beyond.ViTEyes(6)],
    Codebook: [() => new beyond.Codebook(4, 3)],
    PictureCodec: [() => new beyond.PictureCodec(4)],
    SoundCodec: [() => new beyond.SoundCodec(3)],
    Translator: [
      () => new transformer.Translator({ sourceSize: 7, targetSize: 5, embedDim: 8, numHeads: 2 }),
    ],
    Linear: [layer],
    Embedding: [() => new g.Embedding(5, 3)],
    Conv2d: [() => new g.Conv2d(3, 2, 3)],
    Dropout: [() => new g.Dropout(0.5)],
    Dropout2d: [() => new g.Dropout2d(0.5)],
    InstanceNorm2d: [() => new g.InstanceNorm2d(3)],
    BatchNorm1d: [() => new g.BatchNorm1d(3)],
    Conv1d: [() => new g.Conv1d(3, 2, 3)],
    ConvTranspose2d: [() => new g.ConvTranspose2d(3, 2, 3)],
    ConvTranspose1d: [() => new g.ConvTranspose1d(3, 2, 3)],
    AvgPool1d: [() => new g.AvgPool1d(2)],
    MaxPool1d: [() => new g.MaxPool1d(2)],
    PReLU: [() => new g.PReLU()],
    GRU: [() => new g.GRU(4, 2)],
    LSTM: [() => new g.LSTM(4, 2)],
    LayerNorm: [() => new g.LayerNorm(3)],
    RMSNorm: [() => new g.RMSNorm(3)],
    GroupNorm: [() => new g.GroupNorm(1, 3)],
    BatchNorm2d: [() => new g.BatchNorm2d(3)],
    MLP: [() => new g.MLP(3, 4)],
    MultiHeadAttention: [() => new g.MultiHeadAttention(4, 2)],
    TransformerBlock: [() => new g.TransformerBlock(4, 2)],
    Encoder: [() => new g.Encoder(4, 2, 1)],
    Decoder: [() => new g.Decoder(4, 2, 1, { crossAttention: true })],
    Sequential: [() => new g.Sequential(layer(), layer())],
    Identity: [() => new g.Identity()],
    Flatten: [() => new g.Flatten()],
    MaxPool2d: [() => new g.MaxPool2d(2)],
    AvgPool2d: [() => new g.AvgPool2d(2)],
    AdaptiveAvgPool2d: [() => new g.AdaptiveAvgPool2d(2)],
    PatchEmbedding: [() => new g.PatchEmbedding(4, 3, 6)],
    LearnedPositionalEncoding: [() => new g.LearnedPositionalEncoding(8, 4)],
    SinusoidalPositionalEncoding: [() => new g.SinusoidalPositionalEncoding(8, 4)],
    GPT: [() => new gpt.GPT(options)],
    GPT2LMHeadModel: [() => new gpt.GPT2LMHeadModel(gpt2)],
    BertModel: [() => new bert.BertModel(bertConfig)],
    BertForMaskedLM: [() => new bert.BertForMaskedLM(bertConfig)],
    BertForPreTraining: [() => new bert.BertForPreTraining(bertConfig)],
    BertForQuestionAnswering: [() => new bert.BertForQuestionAnswering(bertConfig)],
    BertForSequenceClassification: [
      () => new bert.BertForSequenceClassification({ ...bertConfig, num_labels: 3 }),
    ],
    BertForTokenClassification: [() => new bert.BertForTokenClassification({ ...bertConfig, num_labels: 3 })],
    CLIPModel: [() => new clip.CLIPModel(clipConfig)],
    CLIPTextTower: [() => new clip.CLIPTextTower(text)],
    CLIPVisionTower: [() => new clip.CLIPVisionTower(vision)],
    ResNet: [() => new clip.ResNet(resnet)],
    ResNetTower: [resNetTower],
    ViTTower: [() => new clip.ViTTower(vision)],
    CBOWTower: [() => new clip.CBOWTower(captionWords, 4)],
    TransformerTower: [textTower],
    GPTTower: [
      () =>
        new clip.GPTTower({ model: new gpt.GPT({ ...options, vocabSize: 300 }), tokenizer: captionBytes }),
    ],
    TwoTowers: [() => new clip.TwoTowers(resNetTower(), textTower(), 4)],
    ImageEmbeddings: [() => new vit.ImageEmbeddings(8, 4, 3, 6)],
    ViTModel: [() => new vit.ViTModel(vision)],
    ViTForImageClassification: [() => new vit.ViTForImageClassification({ ...vision, num_labels: 3 })],
    SegformerModel: [() => new beyond.SegformerModel(segformer)],
    SegformerForImageClassification: [() => new beyond.SegformerForImageClassification(segformer)],
    SegformerForSemanticSegmentation: [() => new beyond.SegformerForSemanticSegmentation(segformer)],
    ViTSegmenter: [
      () => new beyond.ViTSegmenter(yolos, { head: "linear", classes: 3 }),
      () => new beyond.ViTSegmenter(yolos, { head: "tokens", classes: 3 }),
    ],
    PatchDetector: [() => new beyond.PatchDetector(yolos, 3)],
    YolosModel: [() => new beyond.YolosModel(yolos)],
    YolosForObjectDetection: [() => new beyond.YolosForObjectDetection(yolos)],
    SwinModel: [() => new vit.SwinModel(swin)],
    SwinForImageClassification: [() => new vit.SwinForImageClassification({ ...swin, num_labels: 3 })],
  };
  const optimizers: Makers = {
    SGD: [optimizer],
    Adam: [() => new g.Adam(layer().parameters())],
    AdamW: [() => new g.AdamW(layer().parameters())],
    RMSprop: [() => new g.RMSprop(layer().parameters())],
    NAdam: [() => new g.NAdam(layer().parameters())],
    RAdam: [() => new g.RAdam(layer().parameters())],
    Adagrad: [() => new g.Adagrad(layer().parameters())],
  };
  const tokenizers: Makers = {
    CharTokenizer: [chars],
    WordPiece: [words],
    ByteLevelBPE: [bpe],
    ClipBPE: [() => g.ClipBPE.train(["the cat sat on the mat"], { vocabSize: 600 })],
  };
  const all = (makers: Makers) => Object.values(makers).flat();
  return {
    ...modules,
    ...optimizers,
    ...tokenizers,
    NDArray: arrays,
    Tensor: [...tensors, leaf],
    Module: [...all(modules), () => new Twice()],
    Optimizer: all(optimizers),
    Tokenizer: all(tokenizers),
    Parameter: [() => g.parameter(float([2, 3])())],
    BufferTensor: [() => g.buffer(float([2, 3])())],
    PretrainedModel: [() => new gpt.GPT2LMHeadModel(gpt2)],
    Generator: [() => new g.Generator(3)],
    CaptionWords: [() => captionWords],
    SceneSource: [() => sceneSource],
    ScenePairs: [() => new clip.ScenePairs([sceneSource])],
    LockedData: [lockedData],
    ImageTower: [resNetTower],
    TextTower: [textTower],
    Placed: [() => new g.Placed(float([2])(), (x: Library.NDArray) => x.narrow(0, 0, 2))],
    GradcheckError: [() => new g.GradcheckError("gradcheck: no", 0, [0], 1, 2)],
    NotImplemented: [() => new g.NotImplemented()],
    KVCache: [() => new g.KVCache()],
    PromptWords: [() => new gpt.PromptWords(facts())],
    PromptFact: facts().map((fact) => () => fact),
    ReduceLROnPlateau: [() => new g.ReduceLROnPlateau(optimizer() as never)],
    AveragedModel: [() => new g.AveragedModel(layer())],
    LRScheduler: [() => new g.LRScheduler(optimizer() as never, g.stepLR({ stepSize: 2 }))],
    TensorDataset: [dataset],
    ConcatDataset: [() => new g.ConcatDataset([dataset() as never, dataset() as never])],
    Subset: [() => new g.Subset(dataset() as never, [0, 2])],
    DatasetLike: [() => [1, 2, 3], dataset],
    Dataset: [dataset],
    DataLoader: [() => new g.DataLoader(dataset() as never, { batchSize: 2 })],
    NextTokenDataset: [() => new g.NextTokenDataset([1, 2, 3, 4, 5, 6], { blockSize: 2 })],
    DisplayHandle: [() => new g.DisplayHandle(null)],
    Displayable: [() => g.line([1, 2]), () => new g.Drawing("x", "<b>x</b>")],
    Drawing: [() => new g.Drawing("x", "<b>x</b>")],
    Figure: [
      () => g.line([1, 2, 3]),
      () =>
        g.heatmap([
          [1, 2],
          [3, 4],
        ]),
    ],
    GraphDrawing: [() => g.graph(leaf().sum())],
    TrainingView: [view],
    Surroundings: [() => ({ now: () => 1, terminal: { write: () => true } })],
    SafetensorsFile: [
      () => {
        nd.saveSafetensors("specimen.safetensors", state() as never);
        return new nd.SafetensorsFile("specimen.safetensors");
      },
    ],
    OptimizerState: [() => optimizer().stateDict()],
    Exercise: [exercise],
    Inputs: [inputs],
    Checkpoint: [() => ({ config: gpt2, state: new gpt.GPT2LMHeadModel(gpt2).pretrainedState() })],
    CheckpointTable: [() => new gpt.GPT2LMHeadModel(gpt2).table()],
    Encoding: [() => g.encodeInput(chars(), "the cat")],
    Params: [() => layer().parameters(), () => [{ params: layer().parameters() }]],
    GPTOptions: [() => options],
    GPT2Config: [() => gpt2],
    BertConfig: [() => bertConfig],
    ClassifierConfig: [() => ({ ...bertConfig, num_labels: 3 })],
    CLIPConfig: [() => clipConfig],
    CLIPTextConfig: [() => text],
    CLIPVisionConfig: [() => vision],
    ResNetConfig: [() => resnet],
    ViTConfig: [() => vision],
    SwinConfig: [() => swin],
    SegformerConfig: [() => segformer],
    YolosConfig: [() => yolos],
    Objects: [objects],
    Found: [() => ({ ...objects(), scores: float([1])() })],
    DenseScenes: [
      () => ({
        images: float([1, 3, 8, 8])(),
        masks: nd.zeros([1, 8, 8], { dtype: "int32" }),
        objects: [objects()],
      }),
    ],
    SegmenterOptions: [() => ({ head: "linear", classes: 3 })],
    SceneSpec: [() => ({ groups: [], relation: null, light: "day" })],
    Codec: [() => new beyond.PictureCodec(4), () => new beyond.SoundCodec(3)],
    TalkWords: [() => new beyond.TalkWords(["the", "cat"])],
    AnyWords: [anyWords],
    Gallery: [gallery],
    Exhibit: [() => exhibit],
    Encoded: [() => ({ exhibit, picture: [1, 3], sound: [2] })],
    SeerOptions: [() => seer],
    Judge: [() => ({ see: () => exhibit, hear: () => "coin", hearsRight: () => 1 })],
    Float32Array: [() => new Float32Array(6)],
    Float64Array: [() => new Float64Array(6)],
    Int32Array: [() => new Int32Array(6)],
    Int16Array: [() => new Int16Array(6)],
    Int8Array: [() => new Int8Array(6)],
    Uint8Array: [() => new Uint8Array(6)],
    Uint16Array: [() => new Uint16Array(6)],
    Uint8ClampedArray: [() => new Uint8ClampedArray(6)],
    ArrayBuffer: [() => new ArrayBuffer(8)],
    Buffer: [() => Buffer.alloc(6)],
  };
}
